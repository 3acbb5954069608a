/// Why a text is not the file that it should be.
public struct InvalidYAML: Error, Hashable, Sendable, CustomStringConvertible {
  /// The line of the fault, counted from 1; nil where the fault is in no one line.
  public let line: Int?
  /// What was wrong, and what would be right.
  public let reason: String

  /// Takes the line and what was wrong.
  public init(line: Int?, _ reason: String) {
    self.line = line
    self.reason = reason
  }

  /// The line and what was wrong.
  public var description: String {
    line.map { "line \($0): \(reason)" } ?? reason
  }
}
