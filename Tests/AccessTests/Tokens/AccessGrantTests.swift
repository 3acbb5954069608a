import Access
import Foundation
import OCI
import Testing

@Suite("Scopes of access tokens")
struct AccessGrantTests {
  @Test(
    "a scope names a resource and actions, and a registry's port does not get in the way",
    arguments: [
      ("repository:team/api:pull", "team/api", ["pull"]),
      ("repository:team/api:pull,push", "team/api", ["pull", "push"]),
      ("repository:localhost:5000/team/api:pull", "team/api", ["pull"]),
      ("repository:registry.example.org:443/api:push", "api", ["push"]),
      ("repository(plugin):team/api:pull", "team/api", ["pull"]), ("repository:team/api:*", "team/api", ["*"]),
      ("repository:team/api:", "team/api", []),
    ])
  func repositories(text: String, name: String, actions: [String]) throws {
    let grant = try #require(try AccessGrant(parsing: text))
    #expect(grant.resource == .repository(try RepositoryName(parsing: name)))
    #expect(grant.actions == Set(actions))
  }

  @Test("the catalogue is a resource, and kinds that there are not are left out")
  func others() throws {
    #expect(try AccessGrant(parsing: "registry:catalog:*")?.resource == .catalog)
    #expect(try AccessGrant(parsing: "namespace:team:pull") == nil)
    #expect(try AccessGrant(parsing: "registry:other:*") == nil)
  }

  @Test(
    "text that is no scope is refused",
    arguments: [
      "", ":", "::", "repository", "repository:team/api", "repository::pull", "repository:Team/API:pull",
      "repository:../etc:pull", "repository:host:5000:pull", ":team/api:pull",
      "repository:\(String(repeating: "a", count: 2000)):pull",
    ])
  func invalid(text: String) {
    #expect(throws: InvalidScope.self) { try AccessGrant(parsing: text) }
  }

  @Test("a grant is what the claim says, and the claim what the specification has")
  func json() throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let grants = [
      AccessGrant(.repository(try RepositoryName(parsing: "team/api")), ["push", "pull"]), AccessGrant(.catalog, ["*"]),
    ]
    let text = String(decoding: try encoder.encode(grants), as: UTF8.self)
    #expect(
      text == #"[{"actions":["pull","push"],"name":"team/api","type":"repository"},"#
        + #"{"actions":["*"],"name":"catalog","type":"registry"}]"#)
    #expect(try JSONDecoder().decode([AccessGrant].self, from: Data(text.utf8)) == grants)
  }
}
