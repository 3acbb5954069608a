/// What whoever wrote an input may not have meant.
public struct PlanWarning: Hashable, Sendable, CustomStringConvertible {
  /// The input.
  public let input: InputName
  /// The line, counted from 1.
  public let line: Int
  /// What came of it, and why.
  public let text: String

  /// The input, the line and what came of it.
  public var description: String { "\(input.rawValue), line \(line): \(text)" }
}
