import Foundation
import Images
import Locks

/// Shows the progress of transfers on standard error: bars on a terminal, a line for each blob that is done in a pipe.
final class ProgressDisplay: Sendable {
  /// How it is shown.
  private enum Form: Sendable {
    case bars
    case lines
    case nothing
  }

  private struct State {
    var progress = TransferProgress()
    /// How many lines of the terminal are taken.
    var shown = 0
    var last: ContinuousClock.Instant?
  }

  private let form: Form
  private let lines: ProgressLines
  private let state = Locked(State())

  /// How often bars change at the most.
  private static let interval = Duration.milliseconds(100)
  /// How many lines the bars may take, so that what came before stays in sight.
  private static let maximumHeight = 12

  /// Chooses the form by what standard error is.
  ///
  /// - Parameter places: what the destinations are called.
  init(places: [String], isQuiet: Bool) {
    form = isQuiet ? .nothing : isatty(STDERR_FILENO) == 1 ? .bars : .lines
    lines = ProgressLines(places: places)
  }

  /// Shows what happened.
  func show(_ event: CopyProgress) {
    state.withLock { state in
      let now = ContinuousClock.now
      state.progress.apply(event, at: now)
      switch form {
      case .nothing: return
      case .lines: if let line = lines.line(event, state.progress) { Self.write(PlainText.line(line) + "\n") }
      case .bars:
        let warning = ProgressLines.warning(event)
        if warning == nil, let last = state.last, now - last < Self.interval { return }
        state.last = now
        draw(&state, below: warning, at: now)
      }
    }
  }

  /// Takes the bars away.
  func clear() {
    state.withLock { state in
      Self.write(Self.erasing(state.shown))
      state.shown = 0
    }
  }

  private func draw(_ state: inout State, below note: String?, at now: ContinuousClock.Instant) {
    let size = Self.terminalSize
    let bars = lines.bars(
      state.progress, width: size.columns, height: min(size.rows - 1, Self.maximumHeight), at: now)
    let all = (note.map { [PlainText.line($0)] } ?? []) + bars
    // In one piece, so that nothing flickers.
    Self.write(Self.erasing(state.shown) + all.map { $0 + "\n" }.joined())
    state.shown = bars.count
  }

  /// Goes up to the first of the lines; they go, and everything below them.
  private static func erasing(_ lines: Int) -> String {
    lines > 0 ? "\u{1b}[\(lines)A\r\u{1b}[J" : ""
  }

  private static func write(_ text: String) {
    StandardError.write(text)
  }

  private static var terminalSize: (columns: Int, rows: Int) {
    var size = winsize()
    guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else { return (80, 24) }
    return (Int(size.ws_col), Int(size.ws_row))
  }
}
