internal import OCI

/// The time, and what waits for it; tests put their own in its place.
struct TimeSource: Sendable {
  /// The moment of the call.
  let now: @Sendable () -> Timestamp
  /// Waits, and throws where the task is cancelled.
  let sleep: @Sendable (Duration) async throws -> Void
  /// A number from 0 up to 1 that nobody can foresee.
  let jitter: @Sendable () -> Double

  /// The system's clock.
  static let system = TimeSource(
    now: { .now }, sleep: { try await Task.sleep(for: $0) }, jitter: { .random(in: 0..<1) })
}
