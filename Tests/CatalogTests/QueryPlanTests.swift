import GRDB
import Locks
import OCI
import TestSupport
import Testing

@testable import Catalog

@Suite("Query plans")
struct QueryPlanTests {
  @Test("no statement of a push, pull, list, delete or collection reads a table from end to end, or sorts one")
  func statementsUseIndexes() async throws {
    try await withCatalogFile { path in
      let checks = StatementLog()
      try await withCatalog(path, loggingTo: checks) { catalog in
        _ = try await catalog.inconsistencies()
        _ = try await catalog.usageFaults()
      }
      let log = StatementLog()
      for (number, behaviour) in CatalogSuite.all.enumerated() {
        try await withCatalog("\(path).\(number)", loggingTo: log) { try await behaviour.run($0) }
      }
      let statements = log.statements.subtracting(checks.statements)
      #expect(statements.count > 40)
      var configuration = Configuration()
      configuration.foreignKeysEnabled = false
      try await DatabaseQueue(path: path, configuration: configuration).read { database in
        for sql in statements {
          let statement = try database.makeStatement(sql: "EXPLAIN QUERY PLAN \(sql)")
          statement.setUncheckedArguments([])
          for step in try Row.fetchAll(statement) {
            let detail: String = step["detail"]
            #expect(!Self.readsTooMuch(detail), "\(detail): \(sql)")
          }
        }
      }
    }
  }

  /// The table of totals has one row, those of signing keys, of the feed's readers and of replication's rules a few, and
  /// the index of blobs being removed only those. Lists of values, of owners that are asked for and of tokens that are
  /// revoked together are short. What is mirrored, and what is in the trash, is added up now and then, by a reader,
  /// for which nobody waits; so is what webhooks have yet to be told. What owners have is, for who asks for just that.
  /// What one manifest reaches is short, too.
  private static func readsTooMuch(_ detail: String) -> Bool {
    let harmless = [
      "SCAN total", "SCAN signing_key", "USING INDEX blob_being_removed", "SCAN entry", "SCAN name", "SCAN event",
      "SCAN use", "SCAN pull", "SCAN mirrored", "SCAN trashed", "ROW", "SCAN json_each", "SCAN ended",
      "SCAN feed_reader",
      "SCAN replication_rule", "SCAN wanted", "SCAN due", "SCAN reached", "SCAN kept", "INDEX webhook_delivery_queued",
      "SCAN used", "SCAN held",
    ]
    return detail.contains("SCAN") && !harmless.contains { detail.contains($0) } || detail.contains("FOR ORDER BY")
  }

  private func withCatalog(
    _ path: String, loggingTo log: StatementLog, _ body: (SQLiteCatalog) async throws -> Void
  ) async throws {
    let catalog = try SQLiteCatalog(path: path) { database in
      database.trace { event in
        if case .statement(let statement) = event { log.insert(statement.sql) }
      }
    }
    try await body(catalog)
    try await catalog.close()
  }
}

/// The statements that were run, each once, without their values.
private final class StatementLog: Sendable {
  private let log = Locked<Set<String>>([])

  var statements: Set<String> { log.withLock { $0 } }

  func insert(_ sql: String) {
    guard ["SELECT", "INSERT", "UPDATE", "DELETE", "WITH"].contains(where: { sql.hasPrefix($0) }),
      !sql.contains("sqlite_"), !sql.contains("grdb_")
    else { return }
    log.withLock { _ = $0.insert(sql) }
  }
}
