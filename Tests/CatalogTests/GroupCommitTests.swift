import Foundation
import GRDB
import OCI
import Synchronization
import TestSupport
import Testing

@testable import Catalog

@Suite("Group commit")
struct GroupCommitTests {
  private struct Refusal: Error, Equatable {
    let number: Int
  }

  @Test("a request that fails undoes its own changes and nothing of those it shares a transaction with")
  func isolatesFailures() async throws {
    try await withCatalogFile { path in
      let catalog = try SQLiteCatalog(path: path)
      let gate = DispatchSemaphore(value: 0)
      let commits = CommitCount()
      async let blocker: Void = catalog.writer.write(.durable) { database in
        database.add(transactionObserver: commits, extent: .databaseLifetime)
        gate.wait()
      }
      let waiting = Counter()
      let outcomes = await withTaskGroup(of: (Int, Bool).self) { group in
        for number in 0..<100 {
          group.addTask {
            waiting.increment()
            do {
              try await catalog.writer.write(.durable) { database in
                try database.run("INSERT INTO repository (name, created_at) VALUES (?, 0)", ["r\(number)"])
                if number.isMultiple(of: 3) { throw Refusal(number: number) }
              }
              return (number, true)
            } catch {
              #expect(error as? Refusal == Refusal(number: number))
              return (number, false)
            }
          }
        }
        while waiting.value < 100 {
          await Task.yield()
        }
        gate.signal()
        return await group.reduce(into: [:]) { outcomes, outcome in outcomes[outcome.0] = outcome.1 }
      }
      try await blocker
      let names = try await catalog.read(while: "reading") { database in
        try Set(String.fetchAll(database, sql: "SELECT name FROM repository"))
      }
      #expect(names == Set((0..<100).filter { !$0.isMultiple(of: 3) }.map { "r\($0)" }))
      #expect(outcomes.allSatisfy { number, succeeded in succeeded != number.isMultiple(of: 3) })
      #expect(commits.count < 50, "requests that wait share commits")
      try await catalog.close()
    }
  }

  @Test("where the commit itself fails, all that shared it are told so, and the next ones succeed")
  func failsTogether() async throws {
    try await withCatalogFile { path in
      let catalog = try SQLiteCatalog(path: path)
      let scenario = CatalogScenario(catalog)
      try await catalog.database.writeWithoutTransaction { database in
        // A deferred constraint fails at COMMIT and not before.
        try database.execute(
          sql: """
            PRAGMA foreign_keys = ON;
            CREATE TABLE child (parent INTEGER REFERENCES repository (id) DEFERRABLE INITIALLY DEFERRED);
            """)
      }
      let error = await #expect(throws: (any Error).self) {
        try await catalog.writer.write(.durable) { try $0.execute(sql: "INSERT INTO child VALUES (12345)") }
      }
      #expect((error as? DatabaseError)?.resultCode == .SQLITE_CONSTRAINT)
      #expect(try await scenario.pushBlob("a") == .linked)
      #expect(try await scenario.hasBlob("a"))
      try await catalog.close()
    }
  }

  @Test("a full disk fails the push as such, leaves what was there, and pushes work again when there is room")
  func fullDisk() async throws {
    try await withCatalogFile { path in
      let catalog = try SQLiteCatalog(path: path)
      let scenario = CatalogScenario(catalog)
      try await scenario.pushImage(["config"], tags: ["latest"])
      try await catalog.writer.limitPages(of: catalog, to: 1)

      let error = await #expect(throws: CatalogError.self) {
        for number in 0..<10_000 {
          try await scenario.pushBlob("blob \(number)")
        }
      }
      guard case .outOfSpace = error else {
        Issue.record("\(String(describing: error)) is not about space")
        return
      }
      #expect(try await scenario.resolve("latest") != nil)
      try await catalog.writer.limitPages(of: catalog, to: 1 << 30)
      #expect(try await scenario.pushBlob("there is room") == .linked)
      #expect(try await catalog.inconsistencies() == [])
      try await catalog.close()
    }
  }
}

extension GroupCommit {
  /// What a full disk is to SQLite; it never goes below the number of pages that there are.
  fileprivate func limitPages(of catalog: SQLiteCatalog, to count: Int) async throws {
    try await write(.durable) { try $0.execute(sql: "PRAGMA max_page_count = \(count)") }
  }
}

private final class Counter: Sendable {
  private let count = Atomic(0)

  var value: Int { count.load(ordering: .relaxed) }

  func increment() { count.add(1, ordering: .relaxed) }
}

private final class CommitCount: TransactionObserver, Sendable {
  private let commits = Counter()

  var count: Int { commits.value }

  func observes(eventsOfKind eventKind: DatabaseEventKind) -> Bool { false }
  func databaseDidChange(with event: DatabaseEvent) {}
  func databaseDidCommit(_ db: Database) { commits.increment() }
  func databaseDidRollback(_ db: Database) {}
}
