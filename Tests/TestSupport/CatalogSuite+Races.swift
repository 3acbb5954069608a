internal import Catalog
internal import OCI
internal import Testing

extension CatalogSuite {
  /// The cases in which clients and the collector meet; they are worth running under the thread sanitizer.
  public static let races: [CatalogSuite] = [
    CatalogSuite("a tag that many push, move and delete at once names a whole manifest or nothing") { scenario in
      try await withThrowingTaskGroup(of: Void.self) { group in
        for client in 0..<8 {
          group.addTask {
            for round in 0..<25 {
              let image = try await scenario.pushImage(
                ["config", "layer \(client) \(round % 3)"], tags: ["latest", "client-\(client)"])
              guard let digest = try await scenario.resolve("client-\(client)") else { continue }
              #expect(digest == image.digest)
              switch round % 5 {
              case 1: _ = try await scenario.catalog.deleteTag(.named("latest"), in: scenario.repository, by: .somebody)
              case 3: try await scenario.delete(image)
              default: break
              }
            }
          }
        }
        try await group.waitForAll()
      }
      if let digest = try await scenario.resolve("latest") {
        #expect(try await scenario.catalog.manifest(.digest(digest), in: scenario.repository) != nil)
      }
    },
    CatalogSuite("what was pushed while the collector runs without mercy is whole") { scenario in
      try await withThrowingTaskGroup(of: Void.self) { group in
        for client in 0..<4 {
          group.addTask {
            for round in 0..<15 {
              try await scenario.pushAgainstCollector(["shared", "layer \(client) \(round % 2)"], tag: "c\(client)")
              if round % 4 == 1 {
                _ = try await scenario.catalog.deleteTag(.named("c\(client)"), in: scenario.repository, by: .somebody)
              }
            }
          }
        }
        group.addTask {
          for _ in 0..<40 {
            try await scenario.collect(untaggedSince: .farFuture)
            await Task.yield()
          }
        }
        try await group.waitForAll()
      }
      for client in 0..<4 {
        #expect(try await scenario.resolve("c\(client)") != nil)
      }
    },
    CatalogSuite("pushes of one blob to one repository are all taken, and it is there once") { scenario in
      try await withThrowingTaskGroup(of: LinkOutcome.self) { group in
        for _ in 0..<64 {
          group.addTask { try await scenario.pushBlob("same") }
        }
        for try await outcome in group {
          #expect(outcome == .linked)
        }
      }
      #expect(try await scenario.catalog.totals().blobs == 1)
    },
    CatalogSuite("of those that ask for a name at once, one gets the account, the robot, the repository") { scenario in
      try await scenario.makeOrganization("team")
      for round in 0..<8 {
        let made = try await withThrowingTaskGroup(of: [Bool].self) { group in
          for client in 0..<8 {
            group.addTask {
              let account = try await scenario.makeUser("user\(round)", passwordHash: "\(client)")
              let token = try await scenario.createToken("robot\(round)", of: "team", kind: .robot)
              let repository = try await scenario.catalog.createRepository(
                .named("team/\(round)"), visibility: nil, by: .somebody)
              return [account != nil, token != .nameTaken, repository]
            }
          }
          return try await group.reduce(into: []) { $0.append($1) }
        }
        for what in 0..<3 {
          #expect(made.count { $0[what] } == 1)
        }
      }
      #expect(try await scenario.catalog.auditEvents(AuditQuery(limit: 100)).count == 1 + 8 * 3)
    },
    CatalogSuite("no login outlives the token it was made with, however close the two are") { scenario in
      try await scenario.makeUser("alice")
      for round in 0..<25 {
        let parent = try await scenario.makeToken("parent \(round)", of: "alice")
        async let creation = scenario.createToken("login", of: "alice", kind: .refresh, parent: parent)
        async let isRevoked = scenario.catalog.revokeToken(parent, by: .somebody)
        #expect(try await isRevoked)
        if case .created(let token) = try await creation {
          #expect(try await !scenario.hasToken(token.id))
        }
      }
    },
    CatalogSuite("what many change at once is in the audit trail once each, and is exported once") { scenario in
      try await withThrowingTaskGroup(of: Void.self) { group in
        for client in 0..<8 {
          group.addTask {
            for round in 0..<10 {
              try await scenario.inside("client-\(client)").pushImage(["config"], tags: ["v\(round)"])
            }
          }
        }
        try await group.waitForAll()
      }
      var exported: [AuditEvent] = []
      while let last = try await scenario.catalog.unexportedAuditEvents(limit: 7).last {
        exported += try await scenario.catalog.unexportedAuditEvents(limit: 7)
        try await scenario.catalog.auditExported(through: last.id)
      }
      #expect(exported.count == 8 * 10 * 2)
      #expect(Set(exported.map(\.id)).count == exported.count)
      for client in 0..<8 {
        var query = AuditQuery(limit: 100)
        query.repository = "client-\(client)"
        let moves = try await scenario.catalog.auditEvents(query).filter { $0.action == .tagMove }
        #expect(moves.map(\.subject) == (0..<10).map { "v\($0)" }.reversed())
      }
    },
  ]
}

extension CatalogScenario {
  /// Pushes as a client does that meets a collector without a grace time: what went in between is pushed again.
  fileprivate func pushAgainstCollector(_ blobs: [String], tag: String) async throws {
    while true {
      for blob in blobs {
        while try await pushBlob(blob) == .beingRemoved {
          await Task.yield()
        }
      }
      if try await commit(.image(blobs), tags: [tag]) == .stored { return }
    }
  }
}
