import Foundation
import NIOHTTP1
import OCI
import Server
import Testing
import TestSupport

@Suite("The file of the audit trail")
struct AuditLogTests {
  private func lines(_ path: String) throws -> [AuditEventReply] {
    guard FileManager.default.fileExists(atPath: path) else { return [] }
    let text = try String(contentsOfFile: path, encoding: .utf8)
    // The last line may be on its way.
    let whole = text.prefix(upTo: text.lastIndex(of: "\n") ?? text.startIndex)
    return try whole.split(separator: "\n").map {
      try JSONDecoder().decode(AuditEventReply.self, from: Data($0.utf8))
    }
  }

  @Test("each event is a line of JSON, the same as the trail has, also over restarts")
  func lines() async throws {
    try await withTemporaryFolder { folder in
      let log = "\(folder)/audit.jsonl"
      var trail: [Int] = []
      for _ in 0..<2 {
        try await LiveServer.run(data: "\(folder)/data") { settings in
          settings.access = .accounts
          settings.auditLog = log
        } _: { server in
          let user = try await server.makeUser()
          _ = try await server.pushNewImage(to: "\(user.name)/tool", tag: "v1", as: user.login)
          trail = try await server.auditTrail().map(\.id).reversed()
          while try lines(log).count < trail.count { await shortPause() }
        }
        #expect(try lines(log).map(\.id) == trail)
      }
      let file = try FileManager.default.attributesOfItem(atPath: log)
      #expect(file[.posixPermissions] as? Int == 0o600)
    }
  }

  @Test("a file that was moved away is made anew, and no event is lost")
  func rotation() async throws {
    try await withTemporaryFolder { folder in
      let log = "\(folder)/audit.jsonl"
      try await LiveServer.run(data: "\(folder)/data") { settings in
        settings.access = .accounts
        settings.auditLog = log
      } _: { server in
        try await server.makeUser()
        while try lines(log).isEmpty { await shortPause() }
        try FileManager.default.moveItem(atPath: log, toPath: "\(log).1")
        try await server.makeUser()
        let trail = try await server.auditTrail().map(\.id).sorted()
        while try lines(log).last?.id != trail.last { await shortPause() }
        #expect(try lines("\(log).1").map(\.id) + lines(log).map(\.id) == trail)
      }
    }
  }

  @Test("events that were kept for long enough are removed")
  func retention() async throws {
    try await withTemporaryFolder { folder in
      let (long, short) = (Duration.seconds(3600), Duration.milliseconds(1))
      var trails: [Set<Int>] = []
      for retention in [long, long, short] {
        try await LiveServer.run(data: folder) { settings in
          settings.access = .accounts
          settings.auditRetention = retention
        } _: { server in
          let earlier = trails.last ?? []
          if retention == short {
            while try await !earlier.isDisjoint(with: server.auditTrail().map(\.id)) { await shortPause() }
          } else {
            trails.append(Set(try await server.auditTrail().map(\.id)))
            #expect(trails.last?.isSuperset(of: earlier) == true)
          }
        }
      }
    }
  }

  @Test("a registry whose access is open keeps a trail, too")
  func openAccess() async throws {
    try await LiveServer.run { server in
      let image = try await server.pushImage(to: "a", as: "v1")
      let trail: [AuditEventReply] = try await server.send(.GET, "/api/v1/audit").decoded()
      #expect(trail.map(\.action) == ["tag.move", "manifest.push", "server.start"])
      #expect(trail[1].actor == "anonymous" && trail[1].address == "127.0.0.1")
      #expect(trail[1].subject == image.digest.description)
    }
  }
}
