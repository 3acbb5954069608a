/// Writing of log lines: text from elsewhere can never end a line, begin another or speak to a terminal.
extension [UInt8] {
  /// Appends text of our own, as it is.
  mutating func append(literal text: StaticString) {
    text.withUTF8Buffer { append(contentsOf: $0) }
  }

  /// Appends an integer in decimal digits.
  mutating func append(decimal value: some BinaryInteger) {
    var rest = value.magnitude
    if value < 0 { append(UInt8(ascii: "-")) }
    let start = count
    repeat {
      append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
      rest /= 10
    } while rest > 0
    self[start...].reverse()
  }

  /// Appends a number that is not negative with leading zeros.
  mutating func append(digits value: Int64, width: Int) {
    var divisor: Int64 = 1
    for _ in 1..<width { divisor *= 10 }
    while divisor > 0 {
      append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value / divisor % 10))
      divisor /= 10
    }
  }

  /// Appends `duration` in milliseconds with three decimals, such as `12.345`.
  mutating func append(millisecondsOf duration: Duration) {
    let (seconds, attoseconds) = duration.components
    let microseconds = Swift.max(0, seconds * 1_000_000 + attoseconds / 1_000_000_000_000)
    append(decimal: microseconds / 1_000)
    append(UInt8(ascii: "."))
    append(digits: microseconds % 1_000, width: 3)
  }

  /// Appends text without quotes; what is not printable is escaped.
  mutating func append(plainText text: String, limit: Int = .max) {
    append(escaping: text, quotes: false, limit: limit)
  }

  /// Appends text in double quotes, valid in JSON and unambiguous for people.
  mutating func append(quotedText text: String, limit: Int = .max) {
    append(UInt8(ascii: "\""))
    append(escaping: text, quotes: true, limit: limit)
    append(UInt8(ascii: "\""))
  }

  /// Appends a value of `key=value`: as it is when it is one plain word, in quotes otherwise.
  mutating func append(value text: String, limit: Int = .max) {
    var text = text
    let isWord = text.withUTF8 { bytes in
      !bytes.isEmpty && bytes.allSatisfy { isPlain($0) && $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "=") }
    }
    if isWord {
      append(plainText: text, limit: limit)
    } else {
      append(quotedText: text, limit: limit)
    }
  }

  /// At most about `limit` bytes of `text` are written, then `…`.
  private mutating func append(escaping text: String, quotes: Bool, limit: Int) {
    var text = text
    text.withUTF8 { bytes in
      // Printable ASCII is the common case by far: it is copied in runs.
      var runStart = 0
      var index = 0
      while index < bytes.count {
        let byte = bytes[index]
        if isPlain(byte) || (!quotes && (byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\"))) {
          guard index < limit else { break }
          index += 1
          continue
        }
        append(contentsOf: bytes[runStart..<index])
        guard index < limit else {
          runStart = index
          break
        }
        index += append(escapedScalarAt: index, of: bytes)
        runStart = index
      }
      append(contentsOf: bytes[runStart..<index])
      if index < bytes.count { append(literal: "…") }
    }
  }

  /// Appends the scalar that begins at `index`, escaped when it is not printable, and returns how many bytes it has.
  private mutating func append(escapedScalarAt index: Int, of bytes: UnsafeBufferPointer<UInt8>) -> Int {
    let byte = bytes[index]
    switch byte {
    case UInt8(ascii: "\""): append(literal: "\\\"")
    case UInt8(ascii: "\\"): append(literal: "\\\\")
    case UInt8(ascii: "\n"): append(literal: "\\n")
    case UInt8(ascii: "\r"): append(literal: "\\r")
    case UInt8(ascii: "\t"): append(literal: "\\t")
    case 0..<0x80: append(unicodeEscape: UInt32(byte))
    default:
      // A String's bytes are valid UTF-8: a first byte says how many follow.
      let length = byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4
      var scalar = UInt32(byte) & (0xff >> UInt32(length + 1))
      for offset in 1..<length { scalar = scalar << 6 | UInt32(bytes[index + offset] & 0x3f) }
      if isUnprintable(scalar) {
        append(unicodeEscape: scalar)
      } else {
        append(contentsOf: bytes[index..<index + length])
      }
      return length
    }
    return 1
  }

  /// `\uXXXX` as in JSON; every scalar that is escaped is in the basic plane.
  private mutating func append(unicodeEscape scalar: UInt32) {
    append(literal: "\\u")
    for shift in [12, 8, 4, 0] as [UInt32] {
      let digit = UInt8(truncatingIfNeeded: scalar >> shift & 0xf)
      append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
    }
  }
}

/// C1 controls, line and paragraph separators, and what reorders or hides the text around it.
private func isUnprintable(_ scalar: UInt32) -> Bool {
  switch scalar {
  case 0x80...0x9f, 0x200b...0x200f, 0x2028...0x202e, 0x2060...0x2069, 0xfeff: true
  default: false
  }
}

/// Whether a byte needs no look: printable ASCII without the quote and the backslash.
@inline(__always)
private func isPlain(_ byte: UInt8) -> Bool {
  byte >= 0x20 && byte < 0x7f && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
}
