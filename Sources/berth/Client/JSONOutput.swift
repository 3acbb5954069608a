import Foundation

/// JSON of a server, as programs are given it: nothing added, nothing left out.
enum JSONOutput {
  private static let format: JSONSerialization.WritingOptions = [
    .sortedKeys, .withoutEscapingSlashes, .fragmentsAllowed,
  ]

  /// A value, indented.
  static func pretty(_ bytes: Data) throws -> String {
    try text(JSONSerialization.jsonObject(with: bytes, options: .fragmentsAllowed), format.union(.prettyPrinted))
  }

  /// The elements of arrays as one array, indented.
  static func pretty(array pages: [Data]) throws -> String {
    try text(try pages.flatMap(elements), format.union(.prettyPrinted))
  }

  /// The elements of an array, each on a line.
  static func lines(_ array: Data) throws -> [String] {
    try elements(of: array).map { try text($0, format) }
  }

  private static func elements(of array: Data) throws -> [Any] {
    guard let elements = try JSONSerialization.jsonObject(with: array) as? [Any] else {
      throw CommandFailure("the server answers no JSON array where one should stand; is --server right?")
    }
    return elements
  }

  private static func text(_ value: Any, _ options: JSONSerialization.WritingOptions) throws -> String {
    String(decoding: try JSONSerialization.data(withJSONObject: value, options: options), as: UTF8.self)
  }
}
