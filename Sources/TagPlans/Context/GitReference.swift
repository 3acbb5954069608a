/// What of a repository is built.
public enum GitReference: Hashable, Sendable {
  case branch(String)
  case tag(String)
  /// The number, or what stands for it.
  case pullRequest(String)
  /// Anything else, as it is written.
  case other(String)

  /// Reads a whole reference, such as `refs/heads/main`.
  public init(_ text: String) {
    func rest(behind prefix: String) -> String? {
      text.hasPrefix(prefix) ? String(text.dropFirst(prefix.count)) : nil
    }
    if let name = rest(behind: "refs/heads/") {
      self = .branch(name)
    } else if let name = rest(behind: "refs/tags/") {
      self = .tag(name)
    } else if let number = rest(behind: "refs/pull/") {
      self = .pullRequest(number.hasSuffix("/merge") ? String(number.dropLast("/merge".count)) : number)
    } else {
      self = .other(text)
    }
  }
}
