internal import NIOPosix

/// The thread that reads configuration and waits for credential helpers, one after the other.
enum ConfigurationThread {
  private static let pool: NIOThreadPool = {
    let pool = NIOThreadPool(numberOfThreads: 1)
    pool.start()
    return pool
  }()

  /// Runs what may block.
  static func run<Success: Sendable>(_ body: @escaping @Sendable () throws -> Success) async throws -> Success {
    try await pool.runIfActive(body)
  }
}
