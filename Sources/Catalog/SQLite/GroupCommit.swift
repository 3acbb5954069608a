internal import GRDB
internal import Locks
internal import NIOPosix

/// Writes to the database: one thread takes the requests that wait, runs each in a savepoint of one transaction, makes
/// that durable with one `fsync`, and only then answers them.
///
/// While a transaction is being made durable, requests gather for the next one, so that many clients share each `fsync`.
final class GroupCommit: Sendable {
  /// What a request's answer promises.
  enum Durability {
    /// The change survives the end of the process. Power loss may undo it, until a durable one has been answered.
    case relaxed
    /// The change survives power loss.
    case durable
  }

  private struct Request: Sendable {
    let durability: Durability
    /// Runs the body within a transaction, and returns what answers the caller once that is committed.
    let attempt: @Sendable (Database) throws -> @Sendable () -> Void
    let fail: @Sendable (any Error) -> Void
  }

  private struct Queue {
    var waiting: [Request] = []
    var isBeingDrained = false
    /// What `PRAGMA synchronous` was set to last; nil where it is not known.
    var synchronous: Durability?
    /// `sqlite3_total_changes` when the last checkpoint was asked for.
    var changesAtCheckpoint = 0
  }

  /// Bounds how long a request waits for those that share its transaction.
  private static let longestBatch = 256

  private let database: DatabasePool
  private let checkpointer: Checkpointer
  private let thread: NIOThreadPool
  private let queue = Locked(Queue())

  init(database: DatabasePool, checkpointer: Checkpointer) {
    self.database = database
    self.checkpointer = checkpointer
    thread = NIOThreadPool(numberOfThreads: 1)
    thread.start()
  }

  /// Runs a body in a transaction, and returns when that has been committed.
  ///
  /// What the body throws undoes what it did and nothing else.
  func write<Value: Sendable>(
    _ durability: Durability, _ body: @escaping @Sendable (Database) throws -> Value
  ) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
      let request = Request(
        durability: durability,
        attempt: { database in
          let value = try body(database)
          return { continuation.resume(returning: value) }
        },
        fail: { continuation.resume(throwing: $0) })
      let startsDraining = queue.withLock { queue in
        queue.waiting.append(request)
        defer { queue.isBeingDrained = true }
        return !queue.isBeingDrained
      }
      if startsDraining {
        thread.submit { state in self.drain(isActive: state == .active) }
      }
    }
  }

  /// Ends the thread; what was asked for before is written first.
  func close() async throws {
    try await write(.durable) { _ in }
    try await thread.shutdownGracefully()
  }

  private func drain(isActive: Bool) {
    while true {
      let batch = queue.withLock { queue in
        let batch = Array(queue.waiting.prefix(Self.longestBatch))
        queue.waiting.removeFirst(batch.count)
        if batch.isEmpty { queue.isBeingDrained = false }
        return batch
      }
      if batch.isEmpty { return }
      if isActive {
        commit(batch)
      } else {
        batch.forEach { $0.fail(CatalogIsClosed()) }
      }
    }
  }

  /// Answers are given only after the commit: where that fails, no change of the batch is there.
  private func commit(_ batch: [Request]) {
    var answers: [@Sendable () -> Void] = []
    do {
      try database.writeWithoutTransaction { database in
        try setSynchronous(batch.contains { $0.durability == .durable } ? .durable : .relaxed, of: database)
        try database.inTransaction(.immediate) {
          for request in batch {
            answers.append(try attempt(request, in: database))
          }
          return .commit
        }
        askForCheckpoint(changes: database.totalChangesCount)
      }
    } catch {
      batch.forEach { $0.fail(error) }
      return
    }
    answers.forEach { $0() }
  }

  /// - Throws: what ended the whole transaction; what the request alone failed with is in the answer.
  private func attempt(_ request: Request, in database: Database) throws -> @Sendable () -> Void {
    try database.run("SAVEPOINT request")
    do {
      let answer = try request.attempt(database)
      try database.run("RELEASE request")
      return answer
    } catch {
      // A full disk, for one, makes SQLite roll back by itself, and then there is no savepoint to return to.
      guard database.isInsideTransaction else { throw error }
      try database.run("ROLLBACK TO request")
      try database.run("RELEASE request")
      return { request.fail(error) }
    }
  }

  /// In WAL mode `FULL` syncs the log at each commit and `NORMAL` does not; a later sync covers what was written before.
  private func setSynchronous(_ durability: Durability, of database: Database) throws {
    guard queue.withLock({ $0.synchronous }) != durability else { return }
    switch durability {
    case .durable: try database.execute(sql: "PRAGMA synchronous = FULL")
    case .relaxed: try database.execute(sql: "PRAGMA synchronous = NORMAL")
    }
    queue.withLock { $0.synchronous = durability }
  }

  private func askForCheckpoint(changes: Int) {
    let isDue = queue.withLock { queue in
      guard changes - queue.changesAtCheckpoint >= Checkpointer.interval else { return false }
      queue.changesAtCheckpoint = changes
      return true
    }
    if isDue { checkpointer.checkpoint() }
  }
}

/// Why a request after `close` fails.
struct CatalogIsClosed: Error, CustomStringConvertible {
  var description: String { "the catalogue is closed" }
}
