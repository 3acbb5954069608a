public import OCI

/// What a claim of a token must be for a rule to hold: something that fits at least one of the patterns.
public struct ClaimCondition: Hashable, Sendable {
  /// The claim's name.
  public let claim: String
  /// The patterns, at least one.
  public let patterns: [Glob]

  /// What the condition does not like about a claim's value; nil where it holds.
  ///
  /// Strings, whole numbers and booleans are compared as JSON writes them; of an array of strings one must fit.
  func fault(in value: JSONValue?) -> String? {
    guard let value else { return "the claim \(quoted(claim)) is missing" }
    guard let texts = Self.texts(of: value) else { return "the claim \(quoted(claim)) is \(value.kind)" }
    guard !texts.contains(where: fits) else { return nil }
    let wanted = patterns.map { quoted($0.pattern) }.joined(separator: " or ")
    let shown = texts.prefix(3).map { quoted($0) } + (texts.count > 3 ? ["…"] : [])
    return "the claim \(quoted(claim)) is \(shown.joined(separator: ", ")), not \(wanted)"
  }

  private func fits(_ text: String) -> Bool {
    patterns.contains { $0.matches(text) }
  }

  private static func texts(of value: JSONValue) -> [String]? {
    switch value {
    case .string(let text): return [text]
    case .integer(let number): return [String(number)]
    case .bool(let flag): return [String(flag)]
    case .array(let elements):
      var texts: [String] = []
      for element in elements {
        guard case .string(let text) = element else { return nil }
        texts.append(text)
      }
      return texts
    case .null, .number, .object: return nil
    }
  }
}
