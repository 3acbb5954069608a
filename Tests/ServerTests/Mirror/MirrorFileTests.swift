import Catalog
import OCI
import RegistryClient
import Testing
import YAMLFiles

@testable import Server

@Suite("The mirror file")
struct MirrorFileTests {
  private func parse(_ yaml: String) throws -> MirrorFile { try MirrorFile(yaml: Array(yaml.utf8)) }

  @Test("says with one line what most want")
  func shortest() throws {
    let file = try parse("upstreams: [{registry: docker.io}]")
    let entry = try #require(file.entries.first)
    #expect(entry.host == .dockerHub && entry.prefix.value == "docker.io" && !entry.isRoot)
    #expect(entry.address.endpoint == RegistryEndpoint(scheme: .https, host: "registry-1.docker.io"))
    #expect(entry.address.login == nil && entry.repositories.isEmpty && entry.visibility == .internal)
    #expect(entry.revalidateAfter == .seconds(300) && file.absentFor == .seconds(30))
  }

  @Test("says everything that can be said")
  func everything() throws {
    let file = try parse(
      """
      negative-cache: 1m
      upstreams:
        - registry: registry.example.org:5000
          url: http://10.0.0.5:8080
          prefix: example/mirror
          root: true
          username: somebody
          password-file: /etc/token
          repositories: [team/*, "library/**"]
          visibility: public
          revalidate-after: 0s
          ca: /etc/ca.pem
        - registry: quay.io
          repositories: prometheus/*
      """)
    let entry = try #require(file.entries.first)
    #expect(entry.host.description == "registry.example.org:5000" && entry.prefix.value == "example/mirror")
    #expect(
      entry.address.endpoint
        == RegistryEndpoint(scheme: .http, host: "10.0.0.5:8080", tls: TLSSettings(authorities: ["/etc/ca.pem"])))
    #expect(entry.isRoot && entry.visibility == .public && entry.revalidateAfter == .zero)
    #expect(entry.address.login == RemoteLogin(user: "somebody", passwordFile: "/etc/token"))
    #expect(entry.repositories.map(\.pattern) == ["team/*", "library/**"])
    #expect(file.entries.count == 2 && file.entries[1].repositories.map(\.pattern) == ["prometheus/*"])
    #expect(file.absentFor == .seconds(60))
  }

  @Test(
    "is refused with the line and what would be right",
    arguments: [
      ("", "the file is empty"),
      ("upstreams: []", "line 1: the file names no registry"),
      ("negative-cache: 30s", "line 1: 'upstreams' is missing"),
      ("upstreams:\n  - url: https://quay.io", "line 2: 'registry' is missing here"),
      ("upstreams:\n  - registry: quay.io\n    roots: true", "line 3: \"roots\" is not known here"),
      ("upstreams:\n  - registry: quay.io\n    root: perhaps", "line 3: \"perhaps\" is not a choice"),
      ("upstreams:\n  - registry: quay.io/team", "line 2: \"quay.io/team\" is no registry"),
      ("upstreams:\n  - registry: localhost:5000", "line 2: no repository's name can begin with localhost:5000"),
      ("upstreams:\n  - registry: quay.io\n    prefix: Quay", "line 3: "),
      ("upstreams:\n  - registry: quay.io\n    url: quay.io", "line 3: \"quay.io\" is no registry's URL"),
      ("upstreams:\n  - registry: quay.io\n    url: https://quay.io/v2", "line 3: \"https://quay.io/v2\" is no"),
      ("upstreams:\n  - registry: quay.io\n    username: me", "line 3: 'username' and 'password-file' go together"),
      ("upstreams:\n  - registry: quay.io\n    ca: ca.pem", "line 3: \"ca.pem\" is not an absolute path"),
      ("upstreams:\n  - registry: quay.io\n    visibility: all", "line 3: \"all\" is no visibility"),
      ("upstreams:\n  - registry: quay.io\n    revalidate-after: 60d", "line 3: that is too long"),
      ("upstreams:\n  - registry: quay.io\n    repositories: []", "line 3: the list is empty"),
      ("upstreams:\n  - registry: quay.io\n  - registry: quay.io", "line 3: quay.io is mirrored already"),
      (
        "upstreams:\n  - {registry: a.io, root: true}\n  - {registry: b.io, root: true}",
        "line 3: there is a registry at the root already"
      ),
      (
        "upstreams:\n  - {registry: a.io, prefix: x}\n  - {registry: b.io, prefix: x}",
        "line 3: there is a registry with the prefix x already"
      ),
      ("upstreams: [{registry: a.io, registry: b.io}]", "line 1: \"registry\" stands twice"),
    ])
  func refused(_ yaml: String, _ message: String) {
    let error = #expect(throws: InvalidYAML.self) { try parse(yaml) }
    #expect(error?.description.hasPrefix(message) == true, "\(error?.description ?? "")")
  }
}
