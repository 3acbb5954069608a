import Synchronization

/// Numbers requests since the start, so that log lines about one can be found together.
final class RequestNumbers: Sendable {
  private let last = Atomic<UInt64>(0)

  func next() -> UInt64 {
    last.add(1, ordering: .relaxed).newValue
  }
}
