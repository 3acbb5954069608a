/// The inputs that a plan is made from.
public enum InputName: String, Sendable {
  case images, tags, flavor, labels, annotations
}

/// Why an input is not what it should be.
public struct InvalidPlanInput: Error, Hashable, Sendable, CustomStringConvertible {
  /// The input.
  public let input: InputName
  /// The line of the fault, counted from 1 over all that was given for the input.
  public let line: Int
  /// What was wrong, and what would be right.
  public let reason: String

  init(_ input: InputName, line: Int, _ reason: String) {
    self.input = input
    self.line = line
    self.reason = reason
  }

  /// The input, the line and what was wrong.
  public var description: String { "\(input.rawValue), line \(line): \(reason)" }
}
