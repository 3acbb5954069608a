import OCI
import Testing

@testable import berth

@Suite struct TagNameTests {
  private let digest = "sha256:" + String(repeating: "a", count: 64)

  @Test(
    "a name says a server where none was named otherwise",
    arguments: [
      ("team/api:v1", nil, nil, "team/api", "v1"), ("api", nil, nil, "api", nil),
      ("localhost:5000/team/api", nil, "localhost:5000", "team/api", nil),
      ("registry.example.org/api:v1", nil, "registry.example.org", "api", "v1"),
      ("registry.example.org/api:v1", "registry.example.org", nil, "api", "v1"),
      ("docker.io/library/alpine:3", "registry.example.org", nil, "docker.io/library/alpine", "3"),
    ] as [(String, String?, String?, String, String?)])
  func names(_ text: String, _ server: String?, _ registry: String?, _ repository: String, _ tag: String?) throws {
    let name = try TagName(text, server: try server.map { try RegistryHost(parsing: $0) })
    #expect(name.registry?.description == registry)
    #expect(name.repository.value == repository)
    #expect(name.tag?.value == tag)
    #expect(name.digest == nil && name.moment == nil)
  }

  @Test("behind the tag stands a digest or a moment")
  func suffixes() throws {
    #expect(try TagName("api@\(digest)", server: nil).digest?.description == digest)
    let moment = try TagName("api:latest@2026-11-01T12:00Z", server: nil)
    #expect(moment.moment == Timestamp(rfc3339: "2026-11-01T12:00:00Z"))
    #expect(moment.tag?.value == "latest")
    #expect(try TagName("api:latest@2026-11-01", server: nil).moment == Timestamp(rfc3339: "2026-11-01"))
    #expect(try TagName("api@2h", server: nil).moment != nil)
  }

  @Test("a name of another server than the one that was named otherwise is refused, and says so")
  func otherServer() throws {
    let server = try RegistryHost(parsing: "127.0.0.1:5000")
    let error = #expect(throws: InvalidTagName.self) { try TagName("localhost:5000/api:v1", server: server) }
    #expect(
      error?.description
        == #""localhost:5000/api:v1" is of localhost:5000, but --server or BERTH_SERVER names 127.0.0.1:5000; leave out one of them"#
    )
  }

  @Test("what is none is refused", arguments: ["", "api:", "api@", "api@yesterday", "Team/api", "api:v1@sha256:12"])
  func refused(_ text: String) {
    #expect(throws: InvalidTagName.self) { try TagName(text, server: nil) }
  }
}
