import Catalog
import NIOHTTP1
import OCI
import Testing
import TestSupport

@testable import Server

@Suite("Hostile requests for packages", .liveServerWithAccounts)
struct HostilePackageTests {
  private let server = LiveServer.current

  @Test(
    "what names nothing is not found",
    arguments: [
      "", "orgs", "orgs/", "orgs/team", "orgs//packages", "users", "nobody", "orgs/..%2F../packages",
      "orgs/%zz/packages",
      "orgs/team/packages/container/", "orgs/team/packages/npm/api", "orgs/team/packages/container/api%252Fweb",
      "orgs/team/packages/container/..%2Fother", "orgs/team/packages/container/%2Fetc", "users/a%00b",
      "orgs/team/packages/container/api/web/x", "orgs/team/packages/container/api/versions/1/tags/..%2Fx",
      "orgs/team/packages/container/api/versions/-1", "orgs/team/packages/container/api/versions/1.0",
      "orgs/team/packages/container/api/versions/99999999999999999999", "orgs/team/packages/container/api/versions/0x1",
      "orgs/team/packages/container/api/versions/%EF%BC%91", "orgs/team/packages/container/API",
      "orgs/team/packages/container/api/versions/", "orgs/team/packages/container/api/versions/1/",
      "orgs/team/packages/container/\(String(repeating: "a", count: 256))", "user/packages/", "user/docker",
    ])
  func paths(_ path: String) async throws {
    for method in [HTTPMethod.GET, .DELETE, .POST] {
      let status = try await server.github(method, path).status
      #expect(status == 404, "\(method)")
    }
    _ = try await server.github(.GET, path).githubError(404)
  }

  @Test(
    "an argument that is none of those there are is refused",
    arguments: [
      "packages", "packages?package_type=", "packages?package_type=Container", "packages?package_type=container%00",
      "packages?package_type=container&visibility=secret", "packages/container/api/versions?state=all",
    ])
  func arguments(_ path: String) async throws {
    #expect(try await server.github(.GET, "user/\(path)").githubError(400).hasPrefix("Invalid argument."))
  }

  @Test(
    "a page that is none is the first, one behind the last is empty, and none is larger than a hundred",
    arguments: [
      ("page=-1", 2), ("page=0", 2), ("page=x", 2), ("page=", 2), ("page=1.5", 2), ("page=2", 0),
      ("page=9223372036854775807", 0), ("page=99999999999999999999999&per_page=99999999999999999999999", 0),
      ("per_page=1000", 2), ("per_page=0", 2), ("per_page=-5", 2), ("per_page=1", 1), ("per_page=1&page=2", 1),
    ])
  func pages(_ query: String, _ count: Int) async throws {
    let team = try await server.makeOrganization()
    for tag in ["v1", "v2"] { try await server.pushNewImage(to: "\(team)/api", tag: tag) }
    let reply = try await server.github(.GET, "orgs/\(team)/packages/container/api/versions?\(query)")
    #expect(try reply.decoded([VersionReply].self).count == count)
  }

  @Test("a method that an endpoint does not take is refused in GitHub's form")
  func methods() async throws {
    let reply = try await server.github(.PUT, "orgs/team/packages/container/api")
    _ = try reply.githubError(405)
    #expect(reply["Allow"] == "GET, HEAD, PATCH, DELETE")
  }

  @Test("a body that is larger than any that is taken is refused")
  func body() async throws {
    let team = try await server.makeOrganization()
    try await server.pushNewImage(to: "\(team)/api", tag: "v1")
    let large = #"{"visibility":"\#(String(repeating: "x", count: 5000))"}"#
    _ = try await server.github(.PATCH, "orgs/\(team)/packages/container/api", large).githubError(413)
  }

  @Test(
    "Link tells the pages that there are",
    arguments: [
      ("", 30, nil), ("", 31, "next=2 last=2"), ("page=2", 31, "prev=1 first=1"), ("page=9", 31, "prev=2 first=1"),
      ("page=2&per_page=10", 30, "prev=1 next=3 last=3 first=1"), ("page=3", 0, "prev=1 first=1"),
      ("per_page=1000", 101, "next=2 last=2"), ("per_page=100", 100, nil),
    ])
  func links(_ query: String, _ total: Int, _ expected: String?) throws {
    let pages = PackagePages(try Query.split("/?\(query)").query)
    let link = pages.link(to: "https://host/list", [("state", "a/b")], total: total)
    let short = link?.split(separator: ", ").map { part in
      let number = part.split(separator: "&page=")[1].prefix { $0 != ">" }
      return "\(part.split(separator: "rel=")[1].dropFirst().dropLast())=\(number)"
    }
    #expect(short?.joined(separator: " ") == expected)
    if let link { #expect(link.hasPrefix("<https://host/list?state=a%2Fb&per_page=\(pages.page.size)&page=")) }
  }
}
