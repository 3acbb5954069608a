import Foundation
import NIOHTTP1
import OCI
import TestSupport
import Testing

/// `berth quota` against a server that is open to everybody.
@Suite struct QuotaCommandTests {
  @Test("a quota is set and shown, refuses what is too much, shows in metrics and the audit trail, and goes again")
  func quotas() async throws {
    try await withTemporaryFolder { folder in
      try await LiveServer.run { server in
        let berth = { (arguments: [String]) in
          try await CommandRun(arguments, folder: folder, environment: ["BERTH_SERVER": server.url])
        }
        #expect(try await berth(["quota", "set", "team", "1KiB"]).output == "team may have 1.0 KiB, and has 0 B\n")
        #expect(try await berth(["quota", "set", "team/api", "64MB"]).status == 0)
        _ = try await server.pushBlob(Array(repeating: 1, count: 1000), to: "team/api")
        #expect(try await berth(["quota", "show", "team"]).lines.first == "team may have 1.0 KiB, and has 1000 B")
        let list = try await berth(["quota", "list"])
        #expect(list.lines.map { $0.split(separator: " ").first } == ["SCOPE", "team", "team/api"])
        #expect(try await berth(["quota", "show", "team", "--json"]).output.contains("\"limit\" : 1024"))

        let bytes: [UInt8] = Array(repeating: 2, count: 100)
        let refused = try await server.send(
          .POST, "/v2/team/api/blobs/uploads/?digest=\(Digest.of(bytes))", body: bytes)
        #expect(refused.status == 403)
        #expect(refused.isError(.denied))
        #expect(refused.text.contains("team has 1000 B of its quota of 1.0 KiB, and this takes 100 B more"))
        let metrics = try await server.send(.GET, "/metrics").text
        #expect(metrics.contains(#"berth_quota_bytes{scope="team"} 1024"#))
        #expect(metrics.contains(#"berth_quota_used_bytes{scope="team"} 1000"#))
        #expect(try await berth(["audit", "--json"]).output.contains("quota.exceeded"))

        #expect(try await berth(["quota", "remove", "team"]).output == "team may have any amount again\n")
        let absent = try await berth(["quota", "remove", "team"])
        #expect(absent.status == 1)
        #expect(absent.errors.contains("team has no quota"))
        #expect(try await berth(["quota", "set", "team", "much"]).errors.contains("is not a size"))
        #expect(try await berth(["quota", "set", "Team", "1GB"]).errors.contains("a quota is for team"))
      }
    }
  }
}
