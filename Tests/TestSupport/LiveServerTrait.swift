public import Server
internal import Synchronization
public import Testing

/// Runs one server for all tests of a suite, which keep apart by the repositories that they use.
public struct LiveServerTrait: SuiteTrait, TestScoping {
  let configure: @Sendable (inout Settings) -> Void

  /// Serves while the suite runs.
  public func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
  ) async throws {
    try await LiveServer.run(configure: configure) { server in
      try await LiveServer.$ofSuite.withValue(server) { try await function() }
    }
  }
}

extension Trait where Self == LiveServerTrait {
  /// A server with the default settings.
  public static var liveServer: Self { LiveServerTrait { _ in } }

  /// A server with other settings than the defaults.
  public static func liveServer(_ configure: @escaping @Sendable (inout Settings) -> Void) -> Self {
    LiveServerTrait(configure: configure)
  }
}

extension LiveServer {
  @TaskLocal static var ofSuite: LiveServer?

  /// The server of the suite that the current test belongs to.
  public static var current: LiveServer {
    guard let ofSuite else { preconditionFailure("the suite has no trait .liveServer") }
    return ofSuite
  }

  private static let repositories = Atomic<Int>(0)

  /// The name of a repository that no other test uses.
  public static func newRepository() -> String {
    "test/repository-\(repositories.add(1, ordering: .relaxed).newValue)"
  }
}
