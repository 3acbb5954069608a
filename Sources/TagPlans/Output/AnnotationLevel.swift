internal import OCI

/// What of an image gets annotations, as BuildKit names it.
public struct AnnotationLevel: Hashable, Sendable, CustomStringConvertible {
  private static let names = ["manifest", "index", "manifest-descriptor", "index-descriptor"]

  /// Manifests, which is what gets them where nothing is said.
  public static let manifest = AnnotationLevel(known: "manifest")

  /// The level as it is written.
  public let description: String

  private init(known: String) {
    description = known
  }

  /// Reads `manifest`, `index`, `manifest-descriptor` or `index-descriptor`, for one platform where one stands behind
  /// it in brackets: `manifest[linux/amd64]`.
  ///
  /// - Throws: `InvalidAnnotationLevel` for anything else.
  public init(parsing text: some StringProtocol) throws(InvalidAnnotationLevel) {
    let text = trimmed(text)
    var name = text[...]
    if let bracket = text.firstIndex(of: "["), text.hasSuffix("]") {
      name = text[..<bracket]
      let platform = text[text.index(after: bracket)...].dropLast()
      guard name.hasPrefix("manifest"), (try? Platform(parsing: String(platform))) != nil else {
        throw InvalidAnnotationLevel(text)
      }
    }
    guard Self.names.contains(String(name)) else { throw InvalidAnnotationLevel(text) }
    description = text
  }

  /// Reads levels parted by commas.
  public static func levels(_ text: String) throws(InvalidAnnotationLevel) -> [AnnotationLevel] {
    var levels: [AnnotationLevel] = []
    for part in text.split(separator: ",") { levels.append(try AnnotationLevel(parsing: part)) }
    return levels
  }
}

/// Why a text is no level of annotations.
public struct InvalidAnnotationLevel: Error, Hashable, Sendable, CustomStringConvertible {
  /// What was wrong, and what would be right.
  public let description: String

  init(_ text: String) {
    description =
      "\(quoted(text)) is no level of annotations; there are manifest, index, manifest-descriptor and index-descriptor, "
      + "and manifest[linux/amd64] is for one platform"
  }
}
