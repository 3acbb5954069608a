/// JSON as RFC 8259 defines it, read strictly: what another reader could take for something else is refused.
///
/// Names that stand twice in an object, invalid UTF-8, lone surrogates, deep nesting and trailing text are errors,
/// because two readers of the same signed bytes must never see two different manifests.
public enum JSONValue: Sendable {
  /// `null`.
  case null
  /// `true` or `false`.
  case bool(Bool)
  /// A number without fraction or exponent that fits 64 bits.
  case integer(Int64)
  /// Any other number.
  case number
  /// A string.
  case string(String)
  /// An array.
  case array([JSONValue])
  /// An object, none of whose names stands twice.
  case object([String: JSONValue])

  /// Reads a whole text.
  public init(parsing bytes: [UInt8]) throws(InvalidJSON) {
    var parser = JSONParser(bytes: bytes)
    self = try parser.parseDocument()
  }

  /// A member of an object.
  public subscript(name: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    return members[name]
  }

  /// What it is, as errors call it.
  public var kind: String {
    switch self {
    case .null: "null"
    case .bool: "a boolean"
    case .integer, .number: "a number"
    case .string: "a string"
    case .array: "an array"
    case .object: "an object"
    }
  }
}

/// Why bytes are not JSON that can be trusted.
public struct InvalidJSON: Error, Hashable, CustomStringConvertible {
  /// What was wrong.
  public let reason: String
  /// Where, as an offset in bytes.
  public let offset: Int

  /// What was wrong, and where.
  public var description: String { "\(reason) at byte \(offset)" }
}

private struct JSONParser {
  private static let maximumDepth = 64
  private static let maximumValues = 500_000

  private let bytes: [UInt8]
  private var position = 0
  private var depth = 0
  private var values = 0

  init(bytes: [UInt8]) {
    self.bytes = bytes
  }

  mutating func parseDocument() throws(InvalidJSON) -> JSONValue {
    skipSpace()
    let value = try parseValue()
    skipSpace()
    guard position == bytes.count else { throw fault("there is text after the end of the JSON value") }
    return value
  }

  private func fault(_ reason: String) -> InvalidJSON {
    InvalidJSON(reason: reason, offset: position)
  }

  private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 { position += 1 }
  }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard next == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func parseValue() throws(InvalidJSON) -> JSONValue {
    values += 1
    guard values <= Self.maximumValues else { throw fault("there are more than \(Self.maximumValues) values") }
    guard let byte = next else { throw fault("the JSON ends where a value should stand") }
    switch byte {
    case UInt8(ascii: "{"): return try nested { (parser: inout Self) throws(InvalidJSON) in try parser.parseObject() }
    case UInt8(ascii: "["): return try nested { (parser: inout Self) throws(InvalidJSON) in try parser.parseArray() }
    case UInt8(ascii: "\""): return .string(try parseString())
    case UInt8(ascii: "t"): return try parseLiteral("true", .bool(true))
    case UInt8(ascii: "f"): return try parseLiteral("false", .bool(false))
    case UInt8(ascii: "n"): return try parseLiteral("null", .null)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try parseNumber()
    default: throw fault("no JSON value begins like this")
    }
  }

  private mutating func nested(
    _ parse: (inout Self) throws(InvalidJSON) -> JSONValue
  ) throws(InvalidJSON) -> JSONValue {
    depth += 1
    guard depth <= Self.maximumDepth else { throw fault("it is nested deeper than \(Self.maximumDepth) levels") }
    let value = try parse(&self)
    depth -= 1
    return value
  }

  private mutating func parseObject() throws(InvalidJSON) -> JSONValue {
    position += 1
    var members: [String: JSONValue] = [:]
    skipSpace()
    if take("}") { return .object(members) }
    while true {
      skipSpace()
      guard next == UInt8(ascii: "\"") else { throw fault("a member's name should stand here") }
      let start = position
      let name = try parseString()
      skipSpace()
      guard take(":") else { throw fault("a ':' should follow the member's name") }
      skipSpace()
      let value = try parseValue()
      guard members.updateValue(value, forKey: name) == nil else {
        throw InvalidJSON(reason: "the name \(quoted(name)) stands twice in one object", offset: start)
      }
      skipSpace()
      if take("}") { return .object(members) }
      guard take(",") else { throw fault("a ',' or a '}' should stand here") }
    }
  }

  private mutating func parseArray() throws(InvalidJSON) -> JSONValue {
    position += 1
    var elements: [JSONValue] = []
    skipSpace()
    if take("]") { return .array(elements) }
    while true {
      skipSpace()
      elements.append(try parseValue())
      skipSpace()
      if take("]") { return .array(elements) }
      guard take(",") else { throw fault("a ',' or a ']' should stand here") }
    }
  }

  private mutating func parseLiteral(_ text: String, _ value: JSONValue) throws(InvalidJSON) -> JSONValue {
    guard bytes[position...].starts(with: text.utf8) else { throw fault("no JSON value begins like this") }
    position += text.utf8.count
    return value
  }

  private mutating func parseNumber() throws(InvalidJSON) -> JSONValue {
    let start = position
    _ = take("-")
    if !take("0") {
      guard skipDigits() else { throw fault("a digit should stand here") }
    }
    var isInteger = true
    if take(".") {
      isInteger = false
      guard skipDigits() else { throw fault("a digit should follow the decimal point") }
    }
    if take("e") || take("E") {
      isInteger = false
      if !take("+") { _ = take("-") }
      guard skipDigits() else { throw fault("a digit should stand in the exponent") }
    }
    guard isInteger, let value = Int64(String(decoding: bytes[start..<position], as: UTF8.self)) else {
      return .number
    }
    return .integer(value)
  }

  private mutating func skipDigits() -> Bool {
    let start = position
    while let byte = next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
    return position > start
  }

  private mutating func parseString() throws(InvalidJSON) -> String {
    position += 1
    let start = position
    while let byte = next, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 { position += 1 }
    guard next != UInt8(ascii: "\"") else {
      defer { position += 1 }
      return try validated(bytes[start..<position])
    }
    return try parseEscapedString(startingWith: bytes[start..<position])
  }

  private mutating func parseEscapedString(
    startingWith plain: ArraySlice<UInt8>
  ) throws(InvalidJSON) -> String {
    var text = Array(plain)
    while true {
      switch next {
      case nil: throw fault("the JSON ends inside a string")
      case UInt8(ascii: "\""):
        position += 1
        return try validated(text[...])
      case UInt8(ascii: "\\"):
        position += 1
        text.append(contentsOf: String(try parseEscape()).utf8)
      case .some(let byte):
        guard byte >= 0x20 else { throw fault("a control character stands in a string unescaped") }
        text.append(byte)
        position += 1
      }
    }
  }

  private func validated(_ text: ArraySlice<UInt8>) throws(InvalidJSON) -> String {
    guard let string = String(validating: text, as: UTF8.self) else { throw fault("a string is not valid UTF-8") }
    return string
  }

  private mutating func parseEscape() throws(InvalidJSON) -> Unicode.Scalar {
    guard let character = next else { throw fault("the JSON ends inside a string") }
    position += 1
    switch character {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(character)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{c}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"):
      let unit = try parseHexUnit()
      if let scalar = Unicode.Scalar(unit) { return scalar }
      guard UTF16.isLeadSurrogate(UInt16(unit)), take("\\"), take("u") else {
        throw fault("half of a surrogate pair stands alone")
      }
      let second = try parseHexUnit()
      guard UTF16.isTrailSurrogate(UInt16(second)) else { throw fault("half of a surrogate pair stands alone") }
      return Unicode.Scalar(0x10000 + ((unit - 0xd800) << 10) + (second - 0xdc00))!
    default: throw fault("no escape looks like this")
    }
  }

  private mutating func parseHexUnit() throws(InvalidJSON) -> UInt32 {
    var unit: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw fault("four hex digits should follow \\u")
      }
      unit = unit << 4 | UInt32(digit)
      position += 1
    }
    return unit
  }
}
