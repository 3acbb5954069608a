import Foundation
import NIOHTTP1
import OCI
import Server
import TestSupport

/// A server that replicates to another one, which may be stopped and started again.
struct ReplicationPair: Sendable {
  let source: LiveServer
  let target: LiveServer
  /// The replication file.
  let file: String

  /// - Parameters:
  ///   - rule: what the rule says more than its name and its target.
  ///   - configure: changes the settings of the target.
  static func run(
    _ rule: String, configureTarget: (inout Settings) -> Void = { _ in },
    isolation: isolated (any Actor)? = #isolation, _ body: (ReplicationPair) async throws -> Void
  ) async throws {
    try await withTemporaryFolder { folder in
      try await LiveServer.run(configure: configureTarget) { target in
        let path = "\(folder)/replication.yaml"
        try file(target.port, rule).write(toFile: path, atomically: true, encoding: .utf8)
        try await LiveServer.run(data: "\(folder)/data", configure: { $0.replication = path }) { source in
          try await body(ReplicationPair(source: source, target: target, file: path))
        }
      }
    }
  }

  static func file(_ port: Int, _ rule: String) -> String {
    """
    targets:
      there: {registry: "127.0.0.1:\(port)"}
    rules:
      - name: rule
        target: there
    \(rule.split(separator: "\n").map { "    \($0)" }.joined(separator: "\n"))
    """
  }

  /// The tags of a repository with what they stand for.
  static func tags(of repository: String, on server: LiveServer) async throws -> [String: String] {
    let list = try JSONValue(parsing: try await server.send(.GET, "/v2/\(repository)/tags/list?n=10000").body)
    guard case .array(let names) = list["tags"] else { return [:] }
    var tags: [String: String] = [:]
    for case .string(let name) in names {
      tags[name] = try await server.send(.HEAD, "/v2/\(repository)/manifests/\(name)")["Docker-Content-Digest"]
    }
    return tags
  }

  /// Waits until the source finds no difference between itself and the target.
  static func settle(_ source: LiveServer) async throws {
    let equal = #/"differences":0}\n$/#
    while try await !differences(source).contains(equal) { await shortPause() }
  }

  /// What the source says about how the target differs.
  static func differences(_ source: LiveServer) async throws -> String {
    try await source.send(.GET, "/api/v1/replication/rule/differences").text
  }
}
