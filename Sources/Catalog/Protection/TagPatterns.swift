public import OCI

/// Which tags a rule is for: words of which one has to fit, and none that begins with `!`.
///
/// A word is a `Glob`, or `semver`, which any semantic version fits, with `v` before it or without. Tags under which
/// clients keep what refers to a digest (`sha256-…`, with or without `.sig` and the like) fit no words at all: clients
/// move them whenever a signature is added, and nobody chose their names.
public struct TagPatterns: Hashable, Sendable, CustomStringConvertible {
  /// The most words of one rule.
  public static let maximumCount = 50

  /// The words as they were written.
  public let words: [String]
  private let included: [Pattern]
  private let excluded: [Pattern]

  /// Reads words of what may stand in tags, `*` and `?`, at least one of them without `!`.
  public init(parsing words: [String]) throws(InvalidTagPatterns) {
    guard (1...Self.maximumCount).contains(words.count) else { throw InvalidTagPatterns() }
    var included: [Pattern] = []
    var excluded: [Pattern] = []
    for word in words {
      if word.hasPrefix("!") {
        excluded.append(try Pattern(word.dropFirst()))
      } else {
        included.append(try Pattern(word[...]))
      }
    }
    guard !included.isEmpty else { throw InvalidTagPatterns() }
    self.words = words
    self.included = included
    self.excluded = excluded
  }

  /// Whether a tag is one of them.
  public func matches(_ tag: Tag) -> Bool {
    DigestTag(tag) == nil && included.contains { $0.matches(tag) } && !excluded.contains { $0.matches(tag) }
  }

  /// The words, parted by spaces.
  public var description: String { words.joined(separator: " ") }

  private enum Pattern: Hashable {
    case glob(Glob)
    case semanticVersion

    init(_ word: Substring) throws(InvalidTagPatterns) {
      if word == "semver" {
        self = .semanticVersion
        return
      }
      guard word.utf8.count <= Tag.maximumLength, word.utf8.allSatisfy(Self.mayStand),
        let glob = try? Glob(String(word))
      else { throw InvalidTagPatterns() }
      self = .glob(glob)
    }

    func matches(_ tag: Tag) -> Bool {
      switch self {
      case .glob(let glob): glob.matches(tag.value)
      case .semanticVersion: tag.isSemanticVersion
      }
    }

    private static func mayStand(_ character: UInt8) -> Bool {
      switch character {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
      default: "._-*?".utf8.contains(character)
      }
    }
  }
}

/// Words that choose no tags.
public struct InvalidTagPatterns: Error, Hashable, Sendable, CustomStringConvertible {
  /// What would be right.
  public var description: String {
    "tags are chosen by 1 to \(TagPatterns.maximumCount) words such as v*, semver and !v0*, at least one of them "
      + "without '!': all but latest is * with !latest"
  }
}

extension Tag {
  /// Whether it is a semantic version (semver.org 2.0.0), with or without `v`; build metadata, whose `+` no tag can hold,
  /// is not known.
  var isSemanticVersion: Bool {
    let version = value.hasPrefix("v") ? value.dropFirst() : value[...]
    let parts = version.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
    let core = parts[0].split(separator: ".", omittingEmptySubsequences: false)
    guard core.count == 3, core.allSatisfy(Self.isNumber) else { return false }
    guard parts.count == 2 else { return true }
    return parts[1].split(separator: ".", omittingEmptySubsequences: false).allSatisfy { part in
      !part.isEmpty && !part.utf8.contains(UInt8(ascii: "_")) && (!Self.isDigits(part) || Self.isNumber(part))
    }
  }

  private static func isDigits(_ text: Substring) -> Bool {
    !text.isEmpty && text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
  }

  private static func isNumber(_ text: Substring) -> Bool {
    isDigits(text) && (text == "0" || text.utf8.first != UInt8(ascii: "0"))
  }
}
