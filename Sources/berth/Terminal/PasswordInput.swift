import ArgumentParser
import Foundation
import NIOPosix

/// The option of commands that take a password, and where they get it from without it.
struct PasswordInput: ParsableArguments {
  @Flag(help: "Read the password from standard input, one line.")
  var passwordStdin = false

  /// A password that exists already.
  func password(of user: String) async throws -> String {
    try await read { try $0.ask("Password of \(user): ") }
  }

  /// A new password, which is asked for twice.
  func newPassword(of user: String) async throws -> String {
    try await read { terminal in
      let password = try terminal.ask("New password of \(user): ")
      guard try terminal.ask("The same again: ") == password else {
        throw CommandFailure("the two passwords are not the same")
      }
      return password
    }
  }

  /// Reads on a thread where waiting for people holds nobody up.
  private func read(_ ask: @escaping @Sendable (borrowing Terminal) throws -> String) async throws -> String {
    guard passwordStdin || isatty(STDIN_FILENO) == 1 else {
      throw ValidationError(
        "standard input is no terminal to ask for the password on: write --password-stdin and pipe the password in")
    }
    let password = try await NIOThreadPool.singleton.runIfActive { [passwordStdin] in
      try passwordStdin
        ? Self.line(FileHandle.standardInput.readToEnd() ?? Data())
        : ask(try Terminal(for: "for the password", alternative: "write --password-stdin and pipe it in"))
    }
    guard !password.isEmpty else { throw CommandFailure("the password is empty") }
    return password
  }

  /// The one line that input holds, without its end.
  static func line(_ input: Data) throws(CommandFailure) -> String {
    guard var text = String(validating: input, as: UTF8.self) else {
      throw CommandFailure("the password is not UTF-8")
    }
    if text.hasSuffix("\r\n") || text.hasSuffix("\n") { text.removeLast() }
    guard !text.contains(where: \.isNewline) else {
      throw CommandFailure("standard input has more than one line, and a password is one")
    }
    return text
  }
}
