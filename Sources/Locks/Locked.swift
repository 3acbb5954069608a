public import NIOConcurrencyHelpers

/// A value that one thread at a time can reach.
///
/// The lock is a pthread mutex, which the thread sanitizer knows. It does not know `Synchronization.Mutex`, a futex on
/// Linux, and takes what two threads do one after the other under it for a race.
public struct Locked<Value: Sendable>: Sendable {
  @usableFromInline let box: NIOLockedValueBox<Value>

  /// Takes the value.
  @inlinable
  public init(_ value: Value) {
    box = NIOLockedValueBox(value)
  }

  /// Lends the value for the length of the call, during which others wait; `body` must not block.
  @inlinable
  public func withLock<Result, Failure: Error>(
    _ body: (inout Value) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try box.withLockedValue { value in
      Swift.Result { () throws(Failure) in try body(&value) }
    }.get()
  }
}
