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
              case 1: _ = try await scenario.catalog.deleteTag(.named("latest"), in: scenario.repository, by: nil)
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
                _ = try await scenario.catalog.deleteTag(.named("c\(client)"), in: scenario.repository, by: nil)
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
