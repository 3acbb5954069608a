import Foundation
import NIOHTTP1
import OCI
import TestSupport
import Testing

/// `berth du` and `berth why` against a server that is open to everybody.
@Suite struct UsageCommandTests {
  @Test("what there is is told of owners, repositories and tags, the largest first, and of tags together")
  func usage() async throws {
    try await withServer { server, berth in
      let sizes = [
        try await push("one", ["layer one", "base"], to: "team/api", server).size,
        try await push("two", ["a longer layer two", "base"], to: "team/api", server).size,
        try await push("one", ["base"], to: "team/web", server).size,
      ]
      let tags = try await berth(["du", "team/api"])
      #expect(
        tags.lines.map { $0.split(separator: " ").first } == ["TAG", "two", "one", "team/api:"], "\(tags.errors)")
      #expect(
        tags.lines[2].split(separator: "  ").map { $0.trimmingPrefix(" ") } == [
          "one", "\(sizes[0] + 13) B", "\(sizes[0] + 9) B", "4 B", "\(sizes[0] + 9) B",
        ])
      let together = try await berth(["du", "team/api:one", "team/api:two"])
      #expect(
        together.lines.last
          == "team/api: deleting all of these frees \(BinaryUnits.text(sizes[0] + sizes[1] + 9 + 18))")
      let repositories = try await berth(["du", "team", "--json"])
      #expect(repositories.lines.count == 3)
      #expect(repositories.lines[1].hasPrefix(#"{"name":"team/web","bytes":\#(sizes[2] + 4),"unique":\#(sizes[2]),"#))
      #expect(try await berth(["du"]).lines.last?.hasPrefix("team ") == true)
      #expect(try await berth(["du", "team/api:one", "team"]).status == 64)
      #expect(try await berth(["du", "team/api:absent"]).errors.contains("team/api has no tag absent"))
    }
  }

  @Test("a manifest is kept by its tag, a blob by the manifest, and what nothing keeps is told with what becomes of it")
  func why() async throws {
    try await withServer { server, berth in
      let image = try await push("v1", ["layer"], to: "team/api", server)
      #expect(
        try await berth(["why", "team/api:v1"]).output == "team/api@\(image.digest) is kept:\n  tag v1\n")
      let blob = try await berth(["why", "team/api@\(Digest.of(Array("layer".utf8)))"])
      #expect(blob.lines.last == "  needed by the manifest \(image.digest)", "\(blob.errors)")
      let file = "\(NSTemporaryDirectory())/\(UUID().uuidString).yaml"
      defer { try? FileManager.default.removeItem(atPath: file) }
      try "rules: [{name: none, tags: '*', keep: never}]\npulled-lately: 0s".write(
        toFile: file, atomically: true, encoding: .utf8)
      #expect(try await berth(["retention", "set", "team", file]).status == 0)
      let ruled = try await berth(["why", "team/api:v1"])
      #expect(ruled.lines.last == "retention policies: it goes by none (team)")
      try await server.send(.DELETE, "/v2/team/api/manifests/\(image.digest)")
      let deleted = try await berth(["why", "team/api@\(image.digest)"])
      #expect(deleted.lines.first == "team/api@\(image.digest) is kept by nothing")
      #expect(deleted.lines.last?.contains("it is in the trash, can be restored until ") == true)
      #expect(try await berth(["why", "team/api@\(image.digest)", "--json"]).output.contains("\"state\" : \"trash\""))
      let absent = try await berth(["why", "team/api@\(Digest.of([]))"])
      #expect(absent.status == 1)
      #expect(absent.errors.contains("has no manifest and no blob"))
    }
  }

  /// - Returns: the manifest's digest and size; its config is as its first layer.
  @discardableResult
  private func push(
    _ tag: String, _ layers: [String], to repository: String, _ server: LiveServer
  ) async throws -> (digest: Digest, size: Int64) {
    let manifest = Manifest.image(layers)
    for layer in layers { try await server.pushBlob(Array(layer.utf8), to: repository) }
    let reply = try await server.send(
      .PUT, "/v2/\(repository)/manifests/\(tag)", [("Content-Type", manifest.mediaType.value)], body: manifest.bytes)
    #expect(reply.status == 201, "\(reply.text)")
    return (manifest.digest, Int64(manifest.bytes.count))
  }

  private func withServer(_ body: (LiveServer, ([String]) async throws -> CommandRun) async throws -> Void) async throws
  {
    try await withTemporaryFolder { folder in
      try await LiveServer.run { server in
        try await body(server) { arguments in
          try await CommandRun(arguments, folder: folder, environment: ["BERTH_SERVER": server.url])
        }
      }
    }
  }
}
