import OCI

/// A request's body of names and values, as HTML forms and OAuth 2.0 send it (`application/x-www-form-urlencoded`).
struct FormBody: Sendable {
  private let items: [(name: String, value: String)]

  init(_ bytes: [UInt8]) throws(RegistryError) {
    guard let text = String(validating: bytes, as: UTF8.self) else { throw Self.unreadable }
    var items: [(String, String)] = []
    for pair in text.split(separator: "&") {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard let name = Self.decode(parts[0]), let value = parts.count == 2 ? Self.decode(parts[1]) : "" else {
        throw Self.unreadable
      }
      items.append((name, value))
    }
    self.items = items
  }

  /// The first value of a name; nil where it is empty.
  subscript(name: String) -> String? {
    items.first { $0.name == name }.flatMap { $0.value.isEmpty ? nil : $0.value }
  }

  /// All values of a name.
  func all(_ name: String) -> [String] {
    items.filter { $0.name == name }.map(\.value)
  }

  /// In a form, a `+` stands for a space.
  private static func decode(_ text: Substring) -> String? {
    PercentEncoding.decode(text.utf8.contains(UInt8(ascii: "+")) ? text.replacing("+", with: " ")[...] : text)
  }

  private static let unreadable = RegistryError(
    .unsupported, "the body is no form: names and values in application/x-www-form-urlencoded", status: 400)
}
