/// Why bytes are not the archive or the compressed stream that they should be.
public struct ArchiveError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The kinds of faults.
  public enum Code: Hashable, Sendable {
    /// The bytes end before what they hold does.
    case truncated
    /// The bytes are not what the format allows.
    case corrupt
    /// The format allows it, and it is not read or written here.
    case unsupported
    /// A part is larger than is allowed.
    case tooLarge
  }

  /// The kind of the fault.
  public let code: Code
  /// What was wrong, and what would be right.
  public let description: String

  package init(_ code: Code, _ description: String) {
    self.code = code
    self.description = description
  }
}
