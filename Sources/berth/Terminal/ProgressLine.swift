import Foundation
import Locks

/// A line on a terminal that is written over; in a pipe it is silent.
final class ProgressLine: Sendable {
  private let isTerminal = isatty(STDERR_FILENO) == 1
  private let lastShown = Locked<ContinuousClock.Instant?>(nil)

  /// How often the line changes at the most.
  private static let interval = Duration.milliseconds(100)

  /// Shows a text in place of the one before.
  func show(_ text: @autoclosure () -> String) {
    guard isTerminal else { return }
    let isDue = lastShown.withLock { last in
      if let last, .now - last < Self.interval { return false }
      last = .now
      return true
    }
    if isDue { StandardError.write("\r\u{1b}[K\(text())") }
  }

  /// Takes the line away.
  func clear() {
    if isTerminal { StandardError.write("\r\u{1b}[K") }
  }
}
