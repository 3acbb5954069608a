/// A version by PEP 440, in any of the ways of writing that it allows.
struct PythonVersion: Hashable, Sendable {
  /// The numbers of the release, as many as were written.
  let release: [UInt64]
  /// The version in the one way of writing that PEP 440 calls normal.
  let normalized: String
  /// Whether it is a final release: no pre-release, no post-release and none of development.
  let isFinal: Bool
  /// Whether it comes before the release of the same numbers.
  let isPrerelease: Bool
  /// Counts how often versions began anew; nearly always 0.
  let epoch: UInt64

  /// Reads a version; nil for text that is none.
  init?(_ text: String) {
    var reader = Reader(rest: trimmed(text).lowercased()[...])
    _ = reader.take("v")
    guard let first = reader.number() else { return nil }
    if reader.take("!") {
      guard let number = reader.number() else { return nil }
      (epoch, release) = (first, [number] + reader.moreNumbers())
    } else {
      (epoch, release) = (0, [first] + reader.moreNumbers())
    }
    var normalized = (epoch == 0 ? "" : "\(epoch)!") + release.map { "\($0)" }.joined(separator: ".")
    let segments = [
      reader.segment(Self.prereleases),
      reader.implicitPost() ?? reader.segment(["post": ".post", "rev": ".post", "r": ".post"]),
      reader.segment(["dev": ".dev"]),
    ]
    for case let segment? in segments { normalized += segment }
    isFinal = segments.allSatisfy { $0 == nil }
    isPrerelease = segments[0] != nil || segments[1] == nil && segments[2] != nil
    if reader.take("+") {
      guard let local = reader.local() else { return nil }
      normalized += "+" + local
    }
    guard reader.rest.isEmpty else { return nil }
    self.normalized = normalized
  }

  private static let prereleases = [
    "alpha": "a", "a": "a", "beta": "b", "b": "b", "preview": "rc", "pre": "rc", "rc": "rc", "c": "rc",
  ]

  private struct Reader {
    var rest: Substring

    mutating func take(_ text: String) -> Bool {
      guard rest.hasPrefix(text) else { return false }
      rest = rest.dropFirst(text.count)
      return true
    }

    mutating func number() -> UInt64? {
      let digits = rest.prefix { $0.isASCII && $0.isNumber }
      guard let number = UInt64(digits) else { return nil }
      rest = rest[digits.endIndex...]
      return number
    }

    mutating func moreNumbers() -> [UInt64] {
      var numbers: [UInt64] = []
      while rest.first == "." {
        let before = rest
        rest.removeFirst()
        guard let number = number() else {
          rest = before
          break
        }
        numbers.append(number)
      }
      return numbers
    }

    private mutating func skipSeparator() {
      if let first = rest.first, "-_.".contains(first) { rest.removeFirst() }
    }

    /// A word and a number, which is 0 where it is left out, parted as one likes.
    mutating func segment(_ words: [String: String]) -> String? {
      let before = rest
      skipSeparator()
      // The longer word is meant where one begins with the other.
      guard let word = words.keys.filter({ rest.hasPrefix($0) }).max(by: { $0.count < $1.count }) else {
        rest = before
        return nil
      }
      rest = rest.dropFirst(word.count)
      let behindWord = rest
      skipSeparator()
      guard let number = number() else {
        rest = behindWord
        return words[word].map { "\($0)0" }
      }
      return words[word].map { "\($0)\(number)" }
    }

    /// A post-release that is a number behind a dash alone.
    mutating func implicitPost() -> String? {
      let before = rest
      guard take("-"), let number = number() else {
        rest = before
        return nil
      }
      return ".post\(number)"
    }

    mutating func local() -> String? {
      let parts = rest.split(omittingEmptySubsequences: false) { "-_.".contains($0) }
      guard parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) } }) else {
        return nil
      }
      rest = ""
      return parts.map { part in UInt64(part).map { "\($0)" } ?? String(part) }.joined(separator: ".")
    }
  }
}
