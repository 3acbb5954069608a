/// Why layers cannot be made one file system.
public struct LayerError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What was wrong, and what would be right.
  public let description: String

  init(_ description: String) {
    self.description = description
  }
}
