/// The name of a repository (OCI distribution spec, "Pulling manifests", `<name>`).
public struct RepositoryName: Hashable, Sendable {
  /// The longest name, in bytes; clients count the registry's host as well, and stop at 255.
  public static let maximumLength = 255

  /// The name as it stands in paths.
  public let value: String

  /// Reads components of lower-case letters and digits, joined inside by `.`, `_`, `__` or dashes, parted by `/`.
  public init(parsing text: some StringProtocol) throws(InvalidRepositoryName) {
    guard !text.isEmpty else { throw InvalidRepositoryName(text, "it is empty") }
    guard text.utf8.count <= Self.maximumLength else {
      throw InvalidRepositoryName(text, "it is \(text.utf8.count) bytes long, and \(Self.maximumLength) are the limit")
    }
    for component in text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
      if let fault = Self.fault(in: component) { throw InvalidRepositoryName(text, fault) }
    }
    value = String(text)
  }

  private static func fault(in component: some Collection<UInt8>) -> String? {
    guard let first = component.first else { return "a component is empty" }
    guard isAlphanumeric(first) else { return Self.endsFault }
    var separator: [UInt8] = []
    for character in component {
      if isAlphanumeric(character) {
        guard isSeparator(separator) else {
          return "inside a component letters and digits are joined by one '.', one or two '_', or dashes"
        }
        separator.removeAll(keepingCapacity: true)
      } else {
        guard separatorCharacters.contains(character) else {
          return "only lower-case letters, digits, '.', '_', '-' and '/' may stand in it"
        }
        separator.append(character)
      }
    }
    return separator.isEmpty ? nil : Self.endsFault
  }

  private static let endsFault = "each component begins and ends with a lower-case letter or a digit"

  private static let separatorCharacters = Array("._-".utf8)

  private static func isSeparator(_ characters: [UInt8]) -> Bool {
    guard let first = characters.first else { return true }
    switch first {
    case UInt8(ascii: "."): return characters.count == 1
    case UInt8(ascii: "_"): return characters.count <= 2 && characters.allSatisfy { $0 == first }
    default: return characters.allSatisfy { $0 == first }
    }
  }

  private static func isAlphanumeric(_ character: UInt8) -> Bool {
    switch character {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
    default: false
    }
  }
}

extension RepositoryName: CustomStringConvertible {
  /// The name as it stands in paths.
  public var description: String { value }
}

/// Why a text is not the name of a repository.
public struct InvalidRepositoryName: Error, Hashable, CustomStringConvertible {
  /// What was wrong, and what would be right.
  public let description: String

  init(_ text: some StringProtocol, _ reason: String) {
    description = "\(quoted(text)) is not a repository name: \(reason); a name reads like team/app or app"
  }
}
