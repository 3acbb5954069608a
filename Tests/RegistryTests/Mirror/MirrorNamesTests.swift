import Catalog
import OCI
import TestSupport
import Testing

@testable import Registry

@Suite("Names on a registry that mirrors others")
struct MirrorNamesTests {
  private static let names = MirrorNames([
    upstream("docker.io", root: true), upstream("quay.io"), upstream("ghcr.io", prefix: "quay.io/gh"),
    upstream("localhost:5000", prefix: "local"),
  ])

  private static func upstream(_ host: String, prefix: String? = nil, root: Bool = false) -> MirrorUpstream {
    MirrorUpstream(
      host: try! RegistryHost(parsing: host), prefix: .named(prefix ?? host), isRoot: root, repositories: [],
      visibility: .internal, revalidateAfter: .seconds(300), upstream: FakeUpstream())
  }

  @Test(
    "mean one repository each, whatever they are asked for by",
    arguments: [
      ("docker.io/library/alpine", nil, "docker.io/library/alpine"),
      ("docker.io/alpine", nil, "docker.io/library/alpine"),
      ("docker.io/team/app", nil, "docker.io/team/app"),
      ("library/alpine", "docker.io", "docker.io/library/alpine"),
      ("alpine", "docker.io", "docker.io/library/alpine"),
      ("alpine", "index.docker.io", "docker.io/library/alpine"),
      ("team/app", "quay.io", "quay.io/team/app"),
      ("quay.io/team/app", nil, "quay.io/team/app"),
      ("quay.io/gh/team/app", nil, "quay.io/gh/team/app"),
      ("app", "quay.io", "quay.io/app"),
      ("team/app", "localhost:5000", "local/team/app"),
    ])
  func oneName(_ name: String, _ namespace: String?, _ expected: String) throws {
    let host = try namespace.map { try RegistryHost(parsing: $0) }
    #expect(Self.names.meaning(of: .named(name), namespace: host) == .repository(.named(expected)))
  }

  @Test(
    "that begin with no upstream's prefix mean a repository here, and else the upstream's at the root",
    arguments: [
      ("team/app", "docker.io/team/app"), ("alpine", "docker.io/library/alpine"),
      ("library/alpine", "docker.io/library/alpine"), ("quay.io", "docker.io/library/quay.io"),
      ("docker.iox/app", "docker.io/docker.iox/app"),
    ])
  func root(_ name: String, _ mirrored: String) {
    let expected = MirrorNames.Meaning.named(.named(name), orElse: .named(mirrored))
    #expect(Self.names.meaning(of: .named(name)) == expected)
    // containerd says where a name belongs also for registries that are not mirrored here.
    let other = try? RegistryHost(parsing: "registry.example.org")
    #expect(Self.names.meaning(of: .named(name), namespace: other) == expected)
  }

  @Test("mean themselves where no upstream is at the root")
  func noRoot() {
    let names = MirrorNames([Self.upstream("quay.io")])
    #expect(names.meaning(of: .named("team/app")) == .repository(.named("team/app")))
  }

  @Test("that would become too long with the prefix mean themselves")
  func tooLong() {
    let name = String(repeating: "a", count: 250)
    #expect(Self.names.meaning(of: .named(name)) == .repository(.named(name)))
  }

  @Test(
    "lead back to the upstream by the longest prefix",
    arguments: [
      ("docker.io/library/alpine", "docker.io", "library/alpine"), ("quay.io/gh/team/app", "ghcr.io", "team/app"),
      ("quay.io/team/app", "quay.io", "team/app"), ("local/app", "localhost:5000", "app"),
    ])
  func origin(_ name: String, _ host: String, _ remote: String) throws {
    let origin = try #require(Self.names.origin(of: .named(name)))
    #expect(origin.host.description == host && origin.remote == .named(remote))
    #expect(Self.names.origin(of: .named("team/app")) == nil)
  }
}
