import OCI

/// The query of a request's target, or a form: names and values, decoded, in the order they came.
struct Query: Sendable {
  private let items: [(name: String, value: String)]

  /// The part of a request's target before the `?`, and the query behind it.
  static func split(_ target: String) throws(RegistryError) -> (path: Substring, query: Query) {
    guard let mark = target.utf8.firstIndex(of: UInt8(ascii: "?")) else { return (target[...], Query(items: [])) }
    return (target[..<mark], try Query(parsing: target[target.utf8.index(after: mark)...]))
  }

  private init(items: [(String, String)]) {
    self.items = items
  }

  /// A `+` stands for itself: media types hold it, and clients do not agree on encoding it.
  private init(parsing text: Substring) throws(RegistryError) {
    guard let items = Self.items(in: text) else {
      throw RegistryError(.unsupported, "the query is not percent-encoded UTF-8", status: 400)
    }
    self.items = items
  }

  /// Reads a body as HTML forms and OAuth 2.0 send it (`application/x-www-form-urlencoded`), where a `+` is a space.
  init(form bytes: [UInt8]) throws(RegistryError) {
    guard let text = String(validating: bytes, as: UTF8.self),
      let items = Self.items(in: text.replacing("+", with: " ")[...])
    else {
      throw RegistryError(
        .unsupported, "the body is no form: names and values in application/x-www-form-urlencoded", status: 400)
    }
    self.items = items
  }

  /// Names and values, or nil where they are not percent-encoded UTF-8.
  private static func items(in text: Substring) -> [(name: String, value: String)]? {
    var items: [(String, String)] = []
    for pair in text.split(separator: "&") {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard let name = PercentEncoding.decode(parts[0]),
        let value = parts.count == 2 ? PercentEncoding.decode(parts[1]) : ""
      else { return nil }
      items.append((name, value))
    }
    return items
  }

  /// The first value of a name.
  subscript(name: String) -> String? {
    items.first { $0.name == name }?.value
  }

  /// All values of a name.
  func all(_ name: String) -> [String] {
    items.filter { $0.name == name }.map(\.value)
  }
}

/// Percent-encoding (RFC 3986, section 2.1).
enum PercentEncoding {
  /// The text that was encoded, or nil where it is not UTF-8 or a `%` is not followed by two hex digits.
  static func decode(_ text: Substring) -> String? {
    guard text.utf8.contains(UInt8(ascii: "%")) else { return String(text) }
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      guard let high = rest.popFirst().flatMap(value), let low = rest.popFirst().flatMap(value) else { return nil }
      bytes.append(high << 4 | low)
    }
    return String(validating: bytes, as: UTF8.self)
  }

  /// Encodes all but the unreserved characters.
  static func encode(_ text: String) -> String {
    var encoded = ""
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "~"):
        encoded.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        let hex = String(byte, radix: 16, uppercase: true)
        encoded += "%" + (hex.utf8.count == 1 ? "0" : "") + hex
      }
    }
    return encoded
  }

  private static func value(_ digit: UInt8) -> UInt8? {
    Character(Unicode.Scalar(digit)).hexDigitValue.map { UInt8($0) }
  }
}
