import Foundation
import NIOHTTP1
import OCI
import TestSupport
import Testing

@Suite("Replication whose servers are killed", .serialized)
struct ReplicationKillTests {
  private static let repository = "team/app"
  private static let tags = 60

  @Test("has brought everything in the end, and each tag as it was last")
  func killed() async throws {
    var random = SeededNumbers.ofRun()
    try await withTemporaryFolder { folder in
      let file = "\(folder)/replication.yaml"
      var target = try await ServerProcess(data: "\(folder)/target")
      try """
      targets: {there: {registry: "\(target.url.dropFirst("http://".count))"}}
      rules: [{name: rule, target: there, repositories: team/*}]
      """.write(toFile: file, atomically: true, encoding: .utf8)
      var source = try await ServerProcess(data: "\(folder)/source", settings: ["--replication", file])
      var pushed: [String: Digest] = [:]
      for round in 0..<8 {
        for _ in 0..<Self.tags {
          let tag = "v\(Int.random(in: 0..<Self.tags, using: &random))"
          pushed[tag] = try await source.pushNewImage(to: Self.repository, tag: tag)
        }
        if round.isMultiple(of: 2) {
          await target.kill()
          pushed["while-down"] = try await source.pushNewImage(to: Self.repository, tag: "while-down")
          target = try await ServerProcess(data: "\(folder)/target", port: target.port)
        } else {
          await source.kill()
          source = try await ServerProcess(data: "\(folder)/source", settings: ["--replication", file])
        }
      }
      for (tag, digest) in pushed {
        while try await target.digest(of: tag, in: Self.repository) != digest { await shortPause() }
      }
      let (status, output) = try await ServerProcess.run("replication", "check", "rule", "--server", source.url)
      #expect(status == 0 && output.hasSuffix("\(pushed.count) tags compared, 0 differences"), "\(output)")
      #expect(await source.stop() == 0)
      #expect(await target.stop() == 0)
      try await CrashRound.examine("\(folder)/source")
      try await CrashRound.examine("\(folder)/target")
    }
  }
}

extension ServerProcess {
  /// Pushes an image that nobody else has.
  fileprivate func pushNewImage(to repository: String, tag: String) async throws -> Digest {
    let blobs = [Array("{}".utf8), Sample.newBytes(100)]
    for blob in blobs {
      let reply = try await send(
        .POST, "/v2/\(repository)/blobs/uploads/?digest=\(Digest.of(blob))", body: blob)
      #expect(reply.status == 201)
    }
    let manifest = Sample.image(layers: [blobs[1]])
    let reply = try await send(
      .PUT, "/v2/\(repository)/manifests/\(tag)", ["Content-Type": MediaType.ociManifest.value], body: manifest)
    #expect(reply.status == 201)
    return Digest.of(manifest)
  }

  fileprivate func digest(of tag: String, in repository: String) async throws -> Digest? {
    let reply = try await send(.HEAD, "/v2/\(repository)/manifests/\(tag)")
    return try reply["Docker-Content-Digest"].map { try Digest(parsing: $0) }
  }
}
