internal import GRDB
internal import NIOPosix
internal import Synchronization

/// Moves what the write-ahead log holds into the database, next to the writer and not on its thread, so that pushes do
/// not wait for the random writes and the `fsync` of a checkpoint.
///
/// The log begins anew only where a checkpoint reached its end with nobody writing, which under load happens on the
/// writer's own thread: see `SQLiteCatalog.logLimit`. By then nearly all of it has been moved from here.
final class Checkpointer: Sendable {
  /// After how many changed rows a checkpoint is due.
  static let interval = 10_000

  private let database: DatabaseQueue
  private let thread: NIOThreadPool
  private let isRunning = Atomic(false)

  init(path: String) throws {
    var configuration = Configuration()
    configuration.label = "checkpointer"
    configuration.prepareDatabase { database in
      try database.execute(sql: "PRAGMA synchronous = FULL; PRAGMA cache_size = -256")
    }
    database = try DatabaseQueue(path: path, configuration: configuration)
    thread = NIOThreadPool(numberOfThreads: 1)
    thread.start()
  }

  /// Begins a checkpoint, unless one is going on.
  func checkpoint() {
    guard !isRunning.exchange(true, ordering: .acquiringAndReleasing) else { return }
    thread.submit { state in
      defer { self.isRunning.store(false, ordering: .releasing) }
      guard state == .active else { return }
      // Nothing is lost where it fails: the log keeps what it has, and the next one tries again.
      _ = try? self.database.writeWithoutTransaction { try $0.checkpoint(.passive) }
    }
  }

  func close() async throws {
    try await thread.shutdownGracefully()
    try database.close()
  }
}
