internal import OCI

/// Reads TOML from bytes that are valid UTF-8.
struct TOMLParser {
  private static let maximumDepth = 64

  let bytes: [UInt8]
  var position = 0
  private var depth = 0

  init(bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// Reads a whole text.
  mutating func parseDocument() throws(InvalidTOML) -> TOMLValue {
    let root = TOMLTable(.header)
    var table = root
    while true {
      try skipEmptyLines()
      guard next != nil else { return root.value }
      if next == UInt8(ascii: "[") {
        table = try parseHeader(in: root)
      } else {
        try parseMember(of: table)
      }
      skipSpace()
      try parseEndOfLine()
    }
  }

  /// The byte to read, nil at the end.
  var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  /// The error of what stands where the parser is.
  func fault(_ reason: String) -> InvalidTOML {
    InvalidTOML(reason: reason, line: bytes[..<min(position, bytes.count)].count { $0 == UInt8(ascii: "\n") } + 1)
  }

  /// Takes a text if it stands next.
  mutating func take(_ text: String) -> Bool {
    guard bytes[position...].starts(with: text.utf8) else { return false }
    position += text.utf8.count
    return true
  }

  private mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x09 { position += 1 }
  }

  private mutating func skipEmptyLines() throws(InvalidTOML) {
    while true {
      skipSpace()
      try skipComment()
      guard takeNewline() else { return }
    }
  }

  mutating func takeNewline() -> Bool { take("\n") || take("\r\n") }

  private mutating func skipComment() throws(InvalidTOML) {
    guard take("#") else { return }
    while let byte = next, byte != UInt8(ascii: "\n") {
      if byte == UInt8(ascii: "\r"), bytes[position...].starts(with: "\r\n".utf8) { return }
      guard Self.isText(byte) else { throw fault("a control character stands in a comment") }
      position += 1
    }
  }

  private mutating func parseEndOfLine() throws(InvalidTOML) {
    try skipComment()
    guard next == nil || takeNewline() else { throw fault("the line should end here") }
  }

  /// Whether a byte may stand in comments and strings as it is.
  static func isText(_ byte: UInt8) -> Bool { byte >= 0x20 && byte != 0x7f || byte == 0x09 }

  private mutating func parseHeader(in root: TOMLTable) throws(InvalidTOML) -> TOMLTable {
    let isArray = take("[[")
    if !isArray { position += 1 }
    let key = try parseKey()
    guard take(isArray ? "]]" : "]") else {
      throw fault("the header should end by \(isArray ? "']]'" : "']'") here")
    }
    return try inTable { () throws(TOMLTable.Conflict) in try isArray ? root.append(key) : root.open(key) }
  }

  private mutating func parseMember(of table: TOMLTable) throws(InvalidTOML) {
    let key = try parseKey()
    guard take("=") else { throw fault("'=' should follow the key") }
    skipSpace()
    let value = try parseValue()
    try inTable { () throws(TOMLTable.Conflict) in try table.define(key, value) }
  }

  private func inTable<Success>(
    _ body: () throws(TOMLTable.Conflict) -> Success
  ) throws(InvalidTOML) -> Success {
    do {
      return try body()
    } catch {
      throw fault(error.reason)
    }
  }

  /// Reads names that dots join, and the space around them.
  private mutating func parseKey() throws(InvalidTOML) -> [String] {
    var key: [String] = []
    repeat {
      skipSpace()
      key.append(try parseName())
      skipSpace()
      guard key.count <= Self.maximumDepth else { throw fault("a key has more than \(Self.maximumDepth) names") }
    } while take(".")
    return key
  }

  private mutating func parseName() throws(InvalidTOML) -> String {
    if next == UInt8(ascii: "\"") || next == UInt8(ascii: "'") { return try parseString(allowsLines: false) }
    let name = takeWhile { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
        true
      default: false
      }
    }
    guard !name.isEmpty else { throw fault("a key should stand here") }
    return name
  }

  private mutating func takeWhile(_ isIncluded: (UInt8) -> Bool) -> String {
    let taken = bytes[position...].prefix(while: isIncluded)
    position = taken.endIndex
    return String(decoding: taken, as: UTF8.self)
  }

  private mutating func parseValue() throws(InvalidTOML) -> TOMLTable.Node {
    guard let byte = next else { throw fault("the text ends where a value should stand") }
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "'"): return .value(.string(try parseString(allowsLines: true)))
    case UInt8(ascii: "["):
      return try nested { (parser: inout Self) throws(InvalidTOML) in .value(.array(try parser.parseArray())) }
    case UInt8(ascii: "{"):
      return try nested { (parser: inout Self) throws(InvalidTOML) in .table(try parser.parseInlineTable()) }
    default: return .value(try parseWord())
    }
  }

  private mutating func nested<Success>(
    _ body: (inout Self) throws(InvalidTOML) -> Success
  ) throws(InvalidTOML) -> Success {
    depth += 1
    guard depth <= Self.maximumDepth else { throw fault("it is nested deeper than \(Self.maximumDepth) levels") }
    let success = try body(&self)
    depth -= 1
    return success
  }

  private mutating func parseArray() throws(InvalidTOML) -> [TOMLValue] {
    position += 1
    var elements: [TOMLValue] = []
    while true {
      try skipEmptyLines()
      if take("]") { return elements }
      switch try parseValue() {
      case .value(let value): elements.append(value)
      case .table(let table): elements.append(table.value)
      case .tables: preconditionFailure("only headers make arrays of tables")
      }
      try skipEmptyLines()
      if take("]") { return elements }
      guard take(",") else { throw fault("',' or ']' should stand here") }
    }
  }

  private mutating func parseInlineTable() throws(InvalidTOML) -> TOMLTable {
    position += 1
    let table = TOMLTable(.inline)
    skipSpace()
    if take("}") { return table }
    while true {
      skipSpace()
      try parseMember(of: table)
      skipSpace()
      if take("}") { return table }
      guard take(",") else { throw fault("',' or '}' should stand here, on the same line") }
    }
  }

  /// Reads a boolean or an integer.
  private mutating func parseWord() throws(InvalidTOML) -> TOMLValue {
    let start = position
    let word = takeWhile { !" \t\r\n#,]}".utf8.contains($0) }
    if word == "true" { return .boolean(true) }
    if word == "false" { return .boolean(false) }
    if let integer = Self.integer(word) { return .integer(integer) }
    position = start
    throw fault("\(quoted(word)) is no value: a string in quotes, an integer, true or false would be right")
  }

  private static func integer(_ word: String) -> Int64? {
    let radixes = [("0x", 16), ("0o", 8), ("0b", 2)]
    if let (prefix, radix) = radixes.first(where: { word.hasPrefix($0.0) }) {
      return digits(word.dropFirst(prefix.count)).flatMap { $0.first == "-" ? nil : Int64($0, radix: radix) }
    }
    let isSigned = word.hasPrefix("+") || word.hasPrefix("-")
    guard let digits = digits(isSigned ? word.dropFirst() : word[...]), digits == "0" || !digits.hasPrefix("0") else {
      return nil
    }
    return Int64("\(word.hasPrefix("-") ? "-" : "")\(digits)")
  }

  /// Digits without the single underscores between them; nil where something else stands there.
  private static func digits(_ text: Substring) -> String? {
    let groups = text.split(separator: "_", omittingEmptySubsequences: false)
    let areDigits = groups.allSatisfy { !$0.isEmpty && $0.allSatisfy { $0.isASCII && $0.isHexDigit } }
    return areDigits ? groups.joined() : nil
  }
}
