import Foundation
import NIOHTTP1
import OCI
import Testing
import TestSupport

private struct TagList: Decodable {
  let name: String
  let tags: [String]
}

private struct RepositoryList: Decodable {
  let repositories: [String]
}

extension Reply {
  func decoded<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value {
    try JSONDecoder().decode(type, from: Data(body))
  }

  /// Where the next page is, as `Link` says.
  var nextPage: String? {
    get throws {
      guard let link = self["Link"] else { return nil }
      try #require(link.hasPrefix("</v2/") && link.hasSuffix(#">; rel="next""#))
      return String(link.dropFirst().prefix { $0 != ">" })
    }
  }
}

extension LiveServer {
  /// All elements of a list, page by page as `Link` leads.
  func pages<Element>(_ target: String, _ elements: (Reply) throws -> [Element]) async throws -> [[Element]] {
    var pages: [[Element]] = []
    var next: String? = target
    while let target = next {
      let reply = try await send(.GET, target)
      try #require(reply.status == 200, "\(reply.text)")
      pages.append(try elements(reply))
      next = try reply.nextPage
    }
    return pages
  }
}

@Suite("Lists of tags", .liveServer)
struct TagListTests {
  private let server = LiveServer.current
  private let repository = LiveServer.newRepository()

  /// In the order of their bytes.
  static let tags = [
    "0", "1", "1.0", "1.10", "1.9", "10", "2", "A", "Z", "_", "_a", "a", "a-b", "a.b", "a0", "aa", "b", "latest", "v1",
    "v1.0", "v1_0", "v2", "z",
  ]

  private func pushTags() async throws {
    let image = try await server.pushImage(to: repository, as: nil)
    let query = Self.tags.shuffled().map { "tag=\($0)" }.joined(separator: "&")
    let reply = try await server.pushManifest(image.bytes, to: repository, as: "\(image.digest)?\(query)")
    try #require(reply.status == 201)
  }

  @Test("pages lead through all tags in the order of their bytes", arguments: [1, 2, 7, 22, 23, 24, 1_000])
  func paging(_ size: Int) async throws {
    try await pushTags()
    let pages = try await server.pages("/v2/\(repository)/tags/list?n=\(size)") { try $0.decoded(TagList.self).tags }
    #expect(pages.flatMap { $0 } == Self.tags)
    #expect(pages.dropLast().allSatisfy { $0.count == size })
    #expect(pages.count == (Self.tags.count + size - 1) / size)
  }

  @Test("without n all tags of a small repository are on one page")
  func defaultPage() async throws {
    try await pushTags()
    let reply = try await server.send(.GET, "/v2/\(repository)/tags/list")
    let list = try reply.decoded(TagList.self)
    #expect(list.name == repository)
    #expect(list.tags == Self.tags)
    #expect(reply["Link"] == nil)
    #expect(reply["Content-Type"] == "application/json")
  }

  @Test(
    "last is where the page begins, whether there is such a tag or not",
    arguments: [("last=v1&n=2", ["v1.0", "v1_0"]), ("last=v1.00&n=1", ["v1_0"]), ("last=z", []), ("last=~", [])])
  func last(_ query: String, _ expected: [String]) async throws {
    try await pushTags()
    let reply = try await server.send(.GET, "/v2/\(repository)/tags/list?\(query)")
    #expect(try reply.decoded(TagList.self).tags == expected)
  }

  @Test("a page of no tags is empty and leads nowhere")
  func zero() async throws {
    try await pushTags()
    let reply = try await server.send(.GET, "/v2/\(repository)/tags/list?n=0")
    #expect(reply.status == 200)
    #expect(try reply.decoded(TagList.self).tags.isEmpty)
    #expect(reply["Link"] == nil)
  }

  @Test("a page larger than any is as large as one may be", arguments: ["10001", "99999999999999999999999"])
  func tooLarge(_ count: String) async throws {
    try await pushTags()
    let reply = try await server.send(.GET, "/v2/\(repository)/tags/list?n=\(count)")
    #expect(try reply.decoded(TagList.self).tags == Self.tags)
  }

  @Test("a page whose size is no number is refused", arguments: ["", "-1", "+1", "1.5", "x", "%201", "0x10", "١"])
  func noNumber(_ count: String) async throws {
    try await pushTags()
    for target in ["/v2/\(repository)/tags/list", "/v2/_catalog"] {
      let encoded = count == "١" ? "%D9%A1" : count
      let reply = try await server.send(.GET, "\(target)?n=\(encoded)")
      #expect(reply.status == 400 && reply.isError(.paginationNumberInvalid))
    }
  }

  @Test("a repository that nobody pushed to has no list, also while an upload is under way")
  func unknown() async throws {
    for _ in 0..<2 {
      let reply = try await server.send(.GET, "/v2/\(repository)/tags/list")
      #expect(reply.status == 404 && reply.isError(.nameUnknown))
      _ = try await server.beginUpload(in: repository)
    }
  }

  @Test("a tag that was deleted is not in the list")
  func deleted() async throws {
    try await pushTags()
    for tag in Self.tags.dropFirst() {
      #expect(try await server.send(.DELETE, "/v2/\(repository)/manifests/\(tag)").status == 202)
    }
    #expect(try await server.send(.GET, "/v2/\(repository)/tags/list").decoded(TagList.self).tags == ["0"])
    _ = try await server.send(.DELETE, "/v2/\(repository)/manifests/0")
    #expect(try await server.send(.GET, "/v2/\(repository)/tags/list").decoded(TagList.self).tags == [])
  }
}

@Suite("The list of repositories")
struct RepositoryListTests {
  private func names(_ server: LiveServer, _ query: String = "") async throws -> [String] {
    try await server.pages("/v2/_catalog\(query)") { try $0.decoded(RepositoryList.self).repositories }.flatMap { $0 }
  }

  @Test("pages lead through all repositories that hold a manifest, in the order of their bytes")
  func paging() async throws {
    try await LiveServer.run { server in
      #expect(try await names(server) == [])
      let sorted = ["0", "a", "a-b", "a.b", "a/b", "a/b/c", "a0", "a_b", "b/blobs", "team/app", "z"]
      for name in sorted.shuffled() { try await server.pushImage(to: name, as: "v1") }
      _ = try await server.beginUpload(in: "only/an/upload")
      try await server.pushBlob([1], to: "only/a/blob")
      for size in [1, 3, 10, 11, 12] { #expect(try await names(server, "?n=\(size)") == sorted) }
      #expect(try await names(server) == sorted)
      #expect(try await names(server, "?last=a/b&n=100") == ["a/b/c", "a0", "a_b", "b/blobs", "team/app", "z"])
      #expect(try await names(server, "?n=0") == [])
    }
  }

  @Test("a repository whose last manifest was deleted is not in the list")
  func deleted() async throws {
    try await LiveServer.run { server in
      let image = try await server.pushImage(to: "a", as: "v1")
      try await server.pushImage(to: "b", as: "v1")
      try await server.send(.DELETE, "/v2/a/manifests/v1")
      #expect(try await names(server) == ["a", "b"])
      try await server.send(.DELETE, "/v2/a/manifests/\(image.digest)")
      #expect(try await names(server) == ["b"])
      try await server.pushImage(to: "a", as: "v1")
      #expect(try await names(server) == ["a", "b"])
    }
  }
}
