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
