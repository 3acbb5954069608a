import Foundation
import NIOHTTP1
import OCI
import Registry
import Server
import TestSupport

/// A server that mirrors another one, which it calls `upstream.test`, at the root and by that name.
struct MirrorPair: Sendable {
  let upstream: LiveServer
  let mirror: LiveServer

  /// - Parameters:
  ///   - entry: what the mirror file says more about the upstream.
  ///   - configure: changes the settings of the mirror.
  ///   - configureUpstream: changes those of the other one.
  static func run(
    _ entry: String = "", configure: (inout Settings) -> Void = { _ in },
    configureUpstream: (inout Settings) -> Void = { _ in },
    isolation: isolated (any Actor)? = #isolation, _ body: (MirrorPair) async throws -> Void
  ) async throws {
    try await withTemporaryFolder { folder in
      try await LiveServer.run(configure: configureUpstream) { upstream in
        let file = "\(folder)/mirror.yaml"
        try Self.file(upstream, entry).write(toFile: file, atomically: true, encoding: .utf8)
        try await LiveServer.run(
          data: "\(folder)/data",
          configure: { settings in
            settings.mirror = file
            configure(&settings)
          }
        ) { mirror in
          try await body(MirrorPair(upstream: upstream, mirror: mirror))
        }
        let (status, findings) = try await examine("\(folder)/data")
        if !status { throw MirrorIsBroken(findings: findings) }
      }
    }
  }

  static func file(_ upstream: LiveServer, _ entry: String) -> String {
    """
    upstreams:
      - registry: upstream.test
        url: \(upstream.url)
        root: true
    \(entry.split(separator: "\n").map { "    \($0)" }.joined(separator: "\n"))
    """
  }

  /// What a mirrored repository is called.
  static func mirrored(_ repository: String) -> String { "upstream.test/\(repository)" }

  /// How often a server was asked for something, by its metrics.
  static func count(_ method: String, _ route: String, on server: LiveServer) async throws -> Int {
    let text = try await server.send(.GET, "/metrics").text
    return text.split(separator: "\n").reduce(0) { sum, line in
      guard line.hasPrefix("berth_http_requests_total{"), line.contains("method=\"\(method)\""),
        line.contains("route=\"\(route)\""), let value = line.split(separator: " ").last.flatMap({ Double($0) })
      else { return sum }
      return sum + Int(value)
    }
  }

  /// Stops the upstream, and waits until the mirror has nobody to ask whether a tag has moved.
  func stopUpstream(knowing manifest: String) async throws {
    upstream.stop()
    while try await mirror.send(.HEAD, manifest)["Warning"] == nil { await shortPause() }
  }
}

private struct MirrorIsBroken: Error {
  let findings: [String]
}

/// Examines a data folder that no server holds.
private func examine(_ data: String) async throws -> (isWhole: Bool, findings: [String]) {
  let folder = try await DataFolder(existing: data)
  let diagnosis = try await Doctor(blobs: folder.blobs, catalog: folder.catalog, repairs: false).examine()
  try await folder.close()
  return (diagnosis.findings.isEmpty, diagnosis.findings.map { "\($0.kind.rawValue) \($0.subject): \($0.note)" })
}
