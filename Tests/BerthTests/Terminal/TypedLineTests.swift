import Foundation
import Testing

@testable import berth

@Suite struct TypedLineTests {
  /// Types keys until one of them ends the line.
  private func type(_ keys: [UInt8]) -> (outcome: TypedLine.Outcome, text: String?) {
    var line = TypedLine()
    for key in keys {
      let outcome = line.type(key)
      if outcome != .more { return (outcome, line.text) }
    }
    return (.more, line.text)
  }

  @Test(
    "keys become a password when the line ends",
    arguments: [
      ("secret\n", "secret"), ("secret\r", "secret"), ("naïve ☃\n", "naïve ☃"), ("ab\u{7f}c\n", "ac"),
      ("a\u{8}\u{8}b\n", "b"), ("a☃\u{7f}b\n", "ab"), ("wrong\u{15}right\n", "right"), ("a\u{4}b\n", "ab"),
      ("a\u{1}\tb\n", "ab"), ("\n", ""),
    ])
  func lines(_ keys: String, _ text: String) {
    let typed = type(Array(keys.utf8))
    #expect(typed.outcome == .finished)
    #expect(typed.text == text)
  }

  @Test("Control-C gives up, and so does Control-D on an empty line", arguments: ["abc\u{3}", "\u{4}", "a\u{7f}\u{4}"])
  func cancels(_ keys: String) {
    #expect(type(Array(keys.utf8)).outcome == .cancelled)
  }

  @Test("bytes that are not UTF-8 are no text")
  func notUTF8() {
    #expect(type([0xff, 0x0a]).text == nil)
  }
}

@Suite struct PasswordInputTests {
  @Test(
    "standard input is one line, whose end is no part of the password",
    arguments: [("secret", "secret"), ("secret\n", "secret"), ("secret\r\n", "secret"), (" a b ", " a b "), ("", "")])
  func line(_ input: String, _ password: String) throws {
    #expect(try PasswordInput.line(Data(input.utf8)) == password)
  }

  @Test(
    "what is no single line of UTF-8 is refused, and not shown", arguments: [Data("secret\nmore\n".utf8), Data([0xff])])
  func refused(_ input: Data) {
    let error = #expect(throws: CommandFailure.self) { try PasswordInput.line(input) }
    #expect(error?.description.contains("secret") == false)
  }
}
