internal import GRDB
internal import NIOPosix
internal import OCI

/// A catalogue in one SQLite file, with its write-ahead log next to it.
///
/// Reads run on a few threads, each on a connection and a snapshot of its own, and see all that was answered before they
/// began. Writes go through one thread that commits them in groups. One process at a time may have the file open.
public struct SQLiteCatalog: Catalog {
  /// How long the write-ahead log may grow before the writer itself sees to it that it begins anew, in pages of 4 KiB.
  ///
  /// It bounds the log's size (64 MiB) and with it the time that opening takes after a crash.
  static let logLimit = 16_384

  let database: DatabasePool
  let writer: GroupCommit
  private let checkpointer: Checkpointer
  private let readers: NIOThreadPool

  /// Opens the catalogue in a file, and makes one where there is none. It blocks for the time that takes.
  ///
  /// - Parameters:
  ///   - path: the file; its folder exists.
  ///   - readers: how many reads run at once, each with a thread and a connection.
  /// - Throws: `CatalogError.database` where the file is no catalogue, or was written by a newer version of Berth.
  public init(path: String, readers: Int = 4) throws(CatalogError) {
    try self.init(path: path, readers: readers, prepareConnection: { _ in })
  }

  /// - Parameter prepareConnection: runs on each connection that is opened, before anything else.
  init(
    path: String, readers: Int = 4, prepareConnection: @escaping @Sendable (Database) throws -> Void
  ) throws(CatalogError) {
    do {
      var configuration = Self.configuration(readers: readers)
      configuration.prepareDatabase(prepareConnection)
      database = try DatabasePool(path: path, configuration: configuration)
      let migrator = Schema.migrator
      guard try !database.read(migrator.hasBeenSuperseded) else {
        throw CatalogError.database(
          "\(path) was written by a newer version of Berth than this one; start that version, or a later one")
      }
      try migrator.migrate(database)
      checkpointer = try Checkpointer(path: path)
    } catch {
      throw CatalogError(error, while: "opening the catalogue \(path)")
    }
    writer = GroupCommit(database: database, checkpointer: checkpointer)
    self.readers = NIOThreadPool(numberOfThreads: readers)
    self.readers.start()
  }

  /// Caches are small, and nothing is mapped: the system's cache holds the file's pages for all connections, and does
  /// not count as this process's memory. What a savepoint may have to put back stays in memory: it is little, and a file
  /// for it would be made and deleted for every request.
  private static func configuration(readers: Int) -> Configuration {
    var configuration = Configuration()
    configuration.label = "catalog"
    configuration.foreignKeysEnabled = false
    configuration.busyMode = .timeout(10)
    configuration.maximumReaderCount = readers
    configuration.prepareDatabase { database in
      if database.configuration.readonly {
        try database.execute(sql: "PRAGMA cache_size = -1024")
      } else {
        try database.execute(
          sql: """
            PRAGMA cache_size = -8192;
            PRAGMA temp_store = MEMORY;
            PRAGMA wal_autocheckpoint = \(logLimit);
            """)
      }
    }
    return configuration
  }

  /// Reads from one snapshot.
  func read<Value: Sendable>(
    while purpose: @autoclosure () -> String, _ body: @escaping @Sendable (Database) throws -> Value
  ) async throws(CatalogError) -> Value {
    try await onReaderThread(while: purpose()) { try database.read(body) }
  }

  /// Runs what blocks on one of the threads that are there for it.
  func onReaderThread<Value: Sendable>(
    while purpose: @autoclosure () -> String, _ body: @escaping @Sendable () throws -> Value
  ) async throws(CatalogError) -> Value {
    do {
      return try await withCheckedThrowingContinuation { continuation in
        readers.submit { state in
          continuation.resume(
            with: Result {
              guard state == .active else { throw CatalogIsClosed() }
              return try body()
            })
        }
      }
    } catch {
      throw CatalogError(error, while: purpose())
    }
  }

  /// Changes all that the body changes, or nothing where it throws.
  @discardableResult
  func write<Value: Sendable>(
    _ durability: GroupCommit.Durability = .durable, while purpose: @autoclosure () -> String,
    _ body: @escaping @Sendable (Database) throws -> Value
  ) async throws(CatalogError) -> Value {
    do {
      return try await writer.write(durability, body)
    } catch {
      throw CatalogError(error, while: purpose())
    }
  }

  /// Answers whether the catalogue can be read and written, by doing both.
  public func check() async throws(CatalogError) {
    try await write(while: "checking that the catalogue can be written") { database in
      try database.run("UPDATE total SET checked_at = ?", [Timestamp.now.milliseconds])
    }
    _ = try await totals()
  }

  /// How much there is, from sums that are kept with each change.
  public func totals() async throws(CatalogError) -> CatalogTotals {
    let totals = try await read(while: "reading the catalogue's totals") { database in
      try database.first("SELECT blobs, blob_bytes, review_queue FROM total") { row in
        CatalogTotals(blobs: row[0], blobBytes: row[1], reviewQueue: row[2])
      }
    }
    guard let totals else { throw .database("the catalogue has lost its totals; restore it from a backup") }
    return totals
  }

  /// Writes what is to be written and lets go of everything. No other call may follow.
  public func close() async throws(CatalogError) {
    do {
      try await writer.close()
      try await readers.shutdownGracefully()
      try await checkpointer.close()
      try database.close()
    } catch {
      throw CatalogError(error, while: "closing the catalogue")
    }
  }
}

extension CatalogError {
  /// Says what the database failed with, and at what.
  init(_ error: any Error, while purpose: String) {
    switch error {
    case let error as CatalogError:
      self = error
    case let refusal as ProtectionRefusal:
      self = .refused(refusal)
    case let refusal as QuotaRefusal:
      self = .overQuota(refusal)
    case let error as DatabaseError
    where error.resultCode == .SQLITE_FULL || error.extendedResultCode == .SQLITE_IOERR_SHMSIZE:
      self = .outOfSpace("\(purpose): \(error.message ?? error.description)")
    default:
      self = .database("\(purpose): \(error)")
    }
  }
}
