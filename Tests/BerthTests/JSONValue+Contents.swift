import OCI

extension JSONValue {
  /// The elements of an array, none of anything else.
  var elements: [JSONValue] {
    if case .array(let elements) = self { elements } else { [] }
  }

  /// The text of a string.
  var string: String? {
    if case .string(let text) = self { text } else { nil }
  }

  /// The number where it is a whole one.
  var integer: Int64? {
    if case .integer(let value) = self { value } else { nil }
  }

  /// Whether it is `true`.
  var isTrue: Bool {
    if case .bool(true) = self { true } else { false }
  }
}
