internal import OCI

/// TOML 1.0 as far as configuration of containers uses it, read strictly: all but numbers with a fraction, and dates.
///
/// A name that is defined twice, in whatever way, is an error.
enum TOMLValue: Hashable, Sendable {
  case string(String)
  case integer(Int64)
  case boolean(Bool)
  case array([TOMLValue])
  case table([String: TOMLValue])

  /// Reads a whole text.
  init(parsing bytes: [UInt8]) throws(InvalidTOML) {
    guard String(validating: bytes, as: UTF8.self) != nil else {
      throw InvalidTOML(reason: "it is not valid UTF-8", line: 1)
    }
    var parser = TOMLParser(bytes: bytes)
    self = try parser.parseDocument()
  }

  /// A member of a table.
  subscript(name: String) -> TOMLValue? {
    guard case .table(let members) = self else { return nil }
    return members[name]
  }

  /// What it is, as errors call it.
  var kind: String {
    switch self {
    case .string: "a string"
    case .integer: "an integer"
    case .boolean: "a boolean"
    case .array: "an array"
    case .table: "a table"
    }
  }
}

/// Why bytes are not TOML.
struct InvalidTOML: Error, Hashable, CustomStringConvertible {
  /// What was wrong.
  let reason: String
  /// Where, the first line being 1.
  let line: Int

  /// What was wrong, and where.
  var description: String { "line \(line): \(reason)" }
}
