internal import Locks

/// Tells who reads the audit trail as a feed that there is more to read.
///
/// It is a hint and no promise: what was changed without it, readers find when they look the next time.
public final class FeedSignal: Sendable {
  private let readers = Locked<[@Sendable () -> Void]>([])

  /// Has a reader told from now on, by a call that must not block.
  public func tell(_ reader: @escaping @Sendable () -> Void) {
    readers.withLock { $0.append(reader) }
  }

  /// Says that something was changed.
  func raise() {
    for reader in readers.withLock({ $0 }) { reader() }
  }
}
