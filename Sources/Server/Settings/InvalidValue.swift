/// Text that is not a value of the type it was read as; the message says what is wrong and what would be right.
public struct InvalidValue: Error, Equatable, Sendable, CustomStringConvertible {
  /// One line, without the name of the setting: the type that parses does not know it.
  public let message: String

  init(_ message: String) {
    self.message = message
  }

  /// The message.
  public var description: String { message }
}

/// `text` in double quotes on one line, whatever it holds.
func quoted(_ text: String) -> String {
  var line: [UInt8] = []
  line.append(quotedText: text, limit: 200)
  return String(decoding: line, as: UTF8.self)
}
