import ArgumentParser
import Foundation

/// The terminal that a process was started from.
struct Terminal: ~Copyable {
  private let descriptor: Int32

  /// Opens the terminal.
  ///
  /// - Parameters:
  ///   - purpose: what is to be asked, for the message where there is no terminal.
  ///   - alternative: what would do without one.
  init(for purpose: String, alternative: String) throws(CommandFailure) {
    descriptor = open("/dev/tty", O_RDWR | O_CLOEXEC)
    guard descriptor >= 0 else { throw CommandFailure("there is no terminal to ask \(purpose) on: \(alternative)") }
  }

  deinit {
    close(descriptor)
  }

  /// Asks for a line that is not shown.
  ///
  /// - Throws: the exit status of an interrupted program where the answer is Control-C.
  func ask(_ question: String) throws -> String {
    try withoutEcho {
      defer { show("\n") }
      show(question)
      var line = TypedLine()
      while true {
        switch line.type(try nextByte()) {
        case .more: continue
        case .cancelled: throw ExitCode(128 + SIGINT)
        case .finished:
          guard let text = line.text else { throw CommandFailure("what was typed is not UTF-8") }
          return text
        }
      }
    }
  }

  /// Asks a question that one key answers: `y` is yes, and every other is no.
  ///
  /// - Throws: the exit status of an interrupted program where the answer is Control-C.
  func confirm(_ question: String) throws -> Bool {
    try withoutEcho {
      show("\(question) [y/N] ")
      let key = try nextByte()
      let isYes = key == UInt8(ascii: "y") || key == UInt8(ascii: "Y")
      show(isYes ? "yes\n" : "no\n")
      guard key != 0x03 else { throw ExitCode(128 + SIGINT) }
      return isYes
    }
  }

  /// Has every key come as a byte, and none of them shown.
  private func withoutEcho<Answer>(_ body: () throws -> Answer) throws -> Answer {
    var settings = termios()
    guard tcgetattr(descriptor, &settings) == 0 else { throw POSIXError.last }
    // The keys that would stop the process come as bytes, too, so that it cannot end and leave a terminal without echo.
    var raw = settings
    cfmakeraw(&raw)
    // A line feed still has to begin a new line.
    raw.c_oflag = settings.c_oflag
    guard tcsetattr(descriptor, TCSAFLUSH, &raw) == 0 else { throw POSIXError.last }
    defer { tcsetattr(descriptor, TCSAFLUSH, &settings) }
    return try body()
  }

  private func nextByte() throws -> UInt8 {
    var byte: UInt8 = 0
    while true {
      switch read(descriptor, &byte, 1) {
      case 1: return byte
      case 0: throw CommandFailure("the terminal was closed before a line ended")
      default: if errno != EINTR { throw POSIXError.last }
      }
    }
  }

  private func show(_ text: String) {
    let bytes = Array(text.utf8)
    _ = write(descriptor, bytes, bytes.count)
  }
}
