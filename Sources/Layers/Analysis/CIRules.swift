import OCI
import Yams

/// Limits for an image's waste, in the form of dive's `.dive-ci` files.
public struct CIRules: Hashable, Sendable {
  /// The rules there are.
  public enum Rule: String, CaseIterable, Sendable {
    /// The least efficiency, from 0 to 1.
    case lowestEfficiency = "lowest-efficiency"
    /// The most wasted bytes.
    case highestWastedBytes = "highest-wasted-bytes"
    /// The most wasted bytes as a part of those above the lowest layer, from 0 to 1.
    case highestUserWastedPercent = "highest-user-wasted-percent"

    /// The name that dive had for it first, and still reads.
    var formerName: String {
      switch self {
      case .lowestEfficiency: "lowestEfficiency"
      case .highestWastedBytes: "highestWastedBytes"
      case .highestUserWastedPercent: "highestUserWastedPercent"
      }
    }
  }

  /// What a rule says of an image.
  public struct Outcome: Hashable, Sendable {
    /// Whether an image keeps to a rule.
    public enum Status: String, Sendable {
      /// It does.
      case pass
      /// It does not.
      case fail
      /// The rule is disabled.
      case skip
    }

    /// The rule.
    public let rule: Rule
    /// Whether the image keeps to it.
    public let status: Status
    /// The limit, and what the image has.
    public let message: String
  }

  /// The least efficiency, nil where it does not matter.
  public private(set) var lowestEfficiency: Double? = 0.9
  /// The most wasted bytes, nil where they do not matter.
  public private(set) var highestWastedBytes: Int64?
  /// The highest ratio of wasted bytes above the lowest layer, nil where it does not matter.
  public private(set) var highestUserWastedRatio: Double? = 0.1

  /// The limits that dive has where nothing else is said: 0.9, disabled, 0.1.
  public init() {}

  /// Reads a `.dive-ci` file; what it leaves out is as dive has it.
  ///
  /// - Throws: `InvalidCIRules` for a text that is not YAML, names that are no rules, and limits that cannot be.
  public init(parsing yaml: String) throws(InvalidCIRules) {
    let root: Node?
    do {
      root = try Yams.compose(yaml: yaml)
    } catch {
      throw InvalidCIRules("the rules are not YAML: \(error)")
    }
    guard let root, root.scalar?.string.isEmpty != true else { return }
    guard let rules = root.mapping?["rules"] else {
      throw InvalidCIRules("the file has no \"rules\", which hold \(Self.names)")
    }
    if rules.scalar?.string.isEmpty == true { return }
    guard let mapping = rules.mapping else { throw InvalidCIRules("\"rules\" does not hold \(Self.names)") }
    for (key, value) in mapping {
      let name = key.string ?? ""
      guard let rule = Rule.allCases.first(where: { $0.rawValue == name || $0.formerName == name }) else {
        throw InvalidCIRules("\(quoted(name)) is not a rule; there are \(Self.names)")
      }
      guard let limit = value.scalar?.string else { throw InvalidCIRules("\(name) has no limit") }
      try set(rule, to: limit)
    }
  }

  private static var names: String { Rule.allCases.map(\.rawValue).joined(separator: ", ") }

  /// Sets a rule's limit as a flag or a file gives it; `disabled`, `off`, `false` and nothing at all disable it.
  ///
  /// - Throws: `InvalidCIRules` for a limit that cannot be.
  public mutating func set(_ rule: Rule, to limit: String) throws(InvalidCIRules) {
    let isDisabled = ["", "disabled", "off", "false"].contains(limit.lowercased().filter { !$0.isWhitespace })
    switch rule {
    case .lowestEfficiency: lowestEfficiency = isDisabled ? nil : try Self.ratio(limit, rule)
    case .highestUserWastedPercent: highestUserWastedRatio = isDisabled ? nil : try Self.ratio(limit, rule)
    case .highestWastedBytes:
      guard !isDisabled else { return highestWastedBytes = nil }
      guard let bytes = ByteSize.parse(limit) else {
        throw InvalidCIRules("\(rule.rawValue) is \(quoted(limit)), not a size such as 20MB, or disabled")
      }
      highestWastedBytes = bytes
    }
  }

  private static func ratio(_ text: String, _ rule: Rule) throws(InvalidCIRules) -> Double {
    guard let ratio = Double(text), (0...1).contains(ratio) else {
      throw InvalidCIRules("\(rule.rawValue) is \(quoted(text)), not a number from 0 to 1, or disabled")
    }
    return ratio
  }

  /// Says of each rule whether an image keeps to it.
  public func evaluate(_ analysis: ImageAnalysis) -> [Outcome] {
    Rule.allCases.map { rule in
      switch rule {
      case .lowestEfficiency:
        outcome(rule, lowestEfficiency) { (analysis.efficiency >= $0, "\(analysis.efficiency), at least \($0)") }
      case .highestWastedBytes:
        outcome(rule, highestWastedBytes) { (analysis.wastedBytes <= $0, "\(analysis.wastedBytes), at most \($0)") }
      case .highestUserWastedPercent:
        outcome(rule, highestUserWastedRatio) {
          (analysis.userWastedRatio <= $0, "\(analysis.userWastedRatio), at most \($0)")
        }
      }
    }
  }

  private func outcome<Limit>(
    _ rule: Rule, _ limit: Limit?, _ evaluate: (Limit) -> (keeps: Bool, message: String)
  ) -> Outcome {
    guard let limit else { return Outcome(rule: rule, status: .skip, message: "disabled") }
    let (keeps, message) = evaluate(limit)
    return Outcome(rule: rule, status: keeps ? .pass : .fail, message: message)
  }
}

/// Why a text does not give limits for waste.
public struct InvalidCIRules: Error, Hashable, Sendable, CustomStringConvertible {
  /// What was wrong, and what would be right.
  public let description: String

  init(_ description: String) {
    self.description = description
  }
}
