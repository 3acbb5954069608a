import Foundation
import NIOHTTP1
import OCI
import Server
import Testing
import TestSupport

@Suite("Collections on request")
struct CollectionEndpointTests {
  private struct Forecast: Decodable {
    struct Blob: Decodable {
      let digest: String
      let size: Int
    }

    let manifests: [[String: String]]
    let blobs: [Blob]
    let bytes: Int
  }

  private struct Step: Decodable {
    let uploads, manifests, links, blobs, bytes: Int
    let done: Bool?
  }

  private func file(of digest: Digest, in server: LiveServer) -> String {
    "\(server.data)/blobs/\(digest.algorithm.rawValue)/\(digest.hex.prefix(2))/\(digest.hex)"
  }

  /// The last step of a collection.
  private func collect(_ server: LiveServer, _ query: String = "?grace=0s") async throws -> Step {
    let reply = try await server.send(.POST, "/api/v1/collections\(query)")
    #expect(reply.status == 200)
    #expect(reply["Content-Type"] == "application/x-ndjson")
    let steps = try reply.text.split(separator: "\n").map { try JSONDecoder().decode(Step.self, from: Data($0.utf8)) }
    #expect(steps.dropLast().allSatisfy { $0.done == nil })
    let last = try #require(steps.last)
    #expect(last.done == true)
    return last
  }

  @Test("what nothing needs any more is forecast, and then its bytes are freed")
  func collection() async throws {
    try await LiveServer.run(configure: { $0.trashWindow = .zero }) { server in
      let (gone, kept) = (Sample.newBytes(100_000), Sample.newBytes(50_000))
      let image = try await server.pushImage(to: "a", as: "v1", layers: [gone, kept])
      let other = try await server.pushImage(to: "b", as: "v1", layers: [kept])
      #expect(FileManager.default.fileExists(atPath: file(of: Digest.of(gone), in: server)))
      #expect(try await server.send(.DELETE, "/v2/a/manifests/\(image.digest)").status == 202)

      let forecast = try await server.send(.POST, "/api/v1/collections?dry-run=true&grace=0s").decoded(Forecast.self)
      #expect(forecast.manifests == [["repository": "a", "digest": image.digest.description]])
      #expect(forecast.blobs.map(\.digest) == [Digest.of(gone).description])
      #expect(forecast.blobs.map(\.size) == [100_000])
      #expect(forecast.bytes == 100_000)
      #expect(FileManager.default.fileExists(atPath: file(of: Digest.of(gone), in: server)))

      let done = try await collect(server)
      #expect(done.manifests == 1)
      #expect(done.links == 3)
      #expect(done.blobs == 1)
      #expect(done.bytes == 100_000)
      #expect(!FileManager.default.fileExists(atPath: file(of: Digest.of(gone), in: server)))
      #expect(try await server.send(.GET, "/v2/b/blobs/\(Digest.of(kept))").body == kept)
      #expect(try await server.send(.GET, "/v2/b/manifests/v1").body == other.bytes)

      let again = try await collect(server)
      #expect(again.manifests + again.links + again.blobs == 0)
      try await server.pushImage(to: "a", as: "v1", layers: [gone, kept])
      #expect(try await server.send(.GET, "/v2/a/blobs/\(Digest.of(gone))").body == gone)
    }
  }

  @Test("what was unlinked lately stays for the grace time")
  func grace() async throws {
    try await LiveServer.run(configure: { $0.trashWindow = .zero }) { server in
      let bytes = Sample.newBytes(1_000)
      let digest = try await server.pushBlob(bytes, to: "a")
      #expect(try await server.send(.DELETE, "/v2/a/blobs/\(digest)").status == 202)
      let done = try await collect(server, "")
      #expect(done.blobs == 0)
      #expect(FileManager.default.fileExists(atPath: file(of: digest, in: server)))
    }
  }

  @Test(
    "a collection that is asked for in other words is refused",
    arguments: ["?grace=soon", "?grace=-1s", "?grace=", "?dry-run=maybe", "?dry-run=1", "?grace=%zz"])
  func malformed(_ query: String) async throws {
    try await LiveServer.run(configure: { $0.trashWindow = .zero }) { server in
      let reply = try await server.send(.POST, "/api/v1/collections\(query)")
      #expect(reply.status == 400 && reply.isError(.unsupported))
    }
  }

  @Test("a page of another origin can neither collect nor push nor delete, and one of the server's own can")
  func origins() async throws {
    try await LiveServer.run(configure: { $0.trashWindow = .zero }) { server in
      let image = try await server.pushImage(to: "a", as: "v1")
      for origin in ["http://evil.example", "null", "https://127.0.0.1:1", "http://127.0.0.1"] {
        for (method, target) in [
          ("POST", "/api/v1/collections"), ("DELETE", "/v2/a/manifests/v1"), ("POST", "/v2/a/blobs/uploads/"),
          ("PUT", "/v2/a/manifests/v2"),
        ] {
          let reply = try await server.send(.init(rawValue: method), target, [("Origin", origin)])
          #expect(reply.status == 403 && reply.isError(.denied), "\(method) from \(origin)")
        }
      }
      let read = try await server.send(.GET, "/v2/a/manifests/v1", [("Origin", "http://evil.example")])
      #expect(read.body == image.bytes)
      let own = try await server.send(.POST, "/api/v1/collections", [("Origin", server.url)])
      #expect(own.status == 200)
    }
  }
}
