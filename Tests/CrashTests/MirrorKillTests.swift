import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import OCI
import TestSupport
import Testing

@Suite("A mirror that is killed", .serialized)
struct MirrorKillTests {
  private static let rounds = 6
  private static let repository = "upstream.test/team/app"

  @Test("in the middle of a fetch has nothing wrong afterwards, and fetches what is missing")
  func killed() async throws {
    var random = SeededNumbers.ofRun()
    try await withTemporaryFolder { folder in
      let (data, file) = ("\(folder)/data", "\(folder)/mirror.yaml")
      try await LiveServer.run { upstream in
        let layers = (0..<Self.rounds).map { _ in Sample.newBytes(8 << 20) }
        let image = try await upstream.pushImage(to: "team/app", as: "latest", layers: layers)
        try "upstreams: [{registry: upstream.test, url: '\(upstream.url)'}]"
          .write(toFile: file, atomically: true, encoding: .utf8)
        for layer in layers {
          let server = try await ServerProcess(data: data, settings: ["--mirror", file])
          let manifest = try await server.send(.GET, "/v2/\(Self.repository)/manifests/latest")
          #expect(manifest.body == image.bytes)
          try await Self.beginPull(of: layer, from: server, upTo: Int.random(in: 0..<layer.count, using: &random))
          await server.kill()
          try await CrashRound.examine(data)
        }
        let server = try await ServerProcess(data: data, settings: ["--mirror", file])
        for layer in layers {
          let reply = try await server.send(.GET, "/v2/\(Self.repository)/blobs/\(Digest.of(layer))")
          let isWhole = reply.body == layer
          #expect(isWhole, "\(reply.status)")
        }
        #expect(await server.stop() == 0)
        try await CrashRound.examine(data)
      }
    }
  }

  /// Pulls the beginning of a blob.
  private static func beginPull(of layer: [UInt8], from server: ServerProcess, upTo count: Int) async throws {
    let request = HTTPClientRequest(url: "\(server.url)/v2/\(repository)/blobs/\(Digest.of(layer))")
    let response = try await HTTPClient.shared.execute(request, timeout: .seconds(60))
    #expect(response.status == .ok)
    var left = count
    for try await piece in response.body {
      left -= piece.readableBytes
      if left <= 0 { return }
    }
  }
}
