extension TOMLParser {
  /// Reads a string of any of the four kinds.
  ///
  /// - Parameter allowsLines: whether it may be one of those in three quotes, which keys are not.
  mutating func parseString(allowsLines: Bool) throws(InvalidTOML) -> String {
    for quote in ["\"", "'"] {
      let three = String(repeating: quote, count: 3)
      if allowsLines, take(three) {
        // A line break right behind the opening quotes is not a part of the text.
        _ = takeNewline()
        return try parseText(until: three, isLiteral: quote == "'", hasLines: true)
      }
      if take(quote) { return try parseText(until: quote, isLiteral: quote == "'", hasLines: false) }
    }
    throw fault("a string should stand here")
  }

  private mutating func parseText(until end: String, isLiteral: Bool, hasLines: Bool) throws(InvalidTOML) -> String {
    var text: [UInt8] = []
    while let byte = next {
      if take(end) {
        // Up to two quotes may stand right before the closing three.
        for _ in 0..<2 where hasLines && take(String(end.prefix(1))) { text += end.utf8.prefix(1) }
        return String(decoding: text, as: UTF8.self)
      }
      if hasLines, takeNewline() {
        text.append(UInt8(ascii: "\n"))
      } else if !isLiteral, take("\\") {
        if hasLines, takeEscapedLineBreak() { continue }
        text += Array(String(try parseEscape()).utf8)
      } else {
        guard Self.isText(byte) else {
          throw fault(
            byte == UInt8(ascii: "\n") ? "the string should end on its line" : "a control character stands in a string")
        }
        text.append(byte)
        position += 1
      }
    }
    throw fault("the text ends inside a string")
  }

  /// Takes the rest of the line and all space up to the next text, where the line ends behind a backslash.
  private mutating func takeEscapedLineBreak() -> Bool {
    let start = position
    skipBlanks()
    guard takeNewline() else {
      position = start
      return false
    }
    repeat { skipBlanks() } while takeNewline()
    return true
  }

  private mutating func skipBlanks() {
    while take(" ") || take("\t") {}
  }

  private mutating func parseEscape() throws(InvalidTOML) -> Unicode.Scalar {
    guard let character = next else { throw fault("the text ends inside a string") }
    position += 1
    switch character {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"): return Unicode.Scalar(character)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{c}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): return try parseScalar(digits: 4)
    case UInt8(ascii: "U"): return try parseScalar(digits: 8)
    default: throw fault("no escape looks like this")
    }
  }

  private mutating func parseScalar(digits: Int) throws(InvalidTOML) -> Unicode.Scalar {
    var value: UInt32 = 0
    for _ in 0..<digits {
      guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw fault("\(digits) hex digits should stand here")
      }
      value = value << 4 | UInt32(digit)
      position += 1
    }
    guard let scalar = Unicode.Scalar(value) else { throw fault("no character has this number") }
    return scalar
  }
}
