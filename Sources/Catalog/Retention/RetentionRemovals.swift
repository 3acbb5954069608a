/// What a plan takes from one repository, in the order in which it can go: what keeps something else stands before that.
public struct RetentionRemovals: Hashable, Sendable {
  /// One thing that goes.
  public struct Item: Hashable, Sendable {
    /// The row: of a lifetime of a tag, or of a manifest.
    public let row: Int64
    /// The place of the rule that decides it, among those of the plan.
    public let rule: Int32

    /// Takes both.
    public init(row: Int64, rule: Int32) {
      self.row = row
      self.rule = rule
    }
  }

  /// What the items of a step are.
  public enum Kind: Hashable, Sendable {
    case tags
    case manifests
  }

  /// Things of one kind of which none keeps another.
  public struct Step: Hashable, Sendable {
    /// What they are.
    public let kind: Kind
    /// What goes.
    public let items: [Item]

    /// Takes both.
    public init(_ kind: Kind, _ items: [Item]) {
      self.kind = kind
      self.items = items
    }
  }

  /// The steps, none of them empty.
  public let steps: [Step]

  /// Takes steps, and leaves out those without anything.
  public init(_ steps: [Step]) {
    self.steps = steps.filter { !$0.items.isEmpty }
  }

  /// How many things go.
  public var count: Int { steps.reduce(0) { $0 + $1.items.count } }

  /// How many things of a kind go.
  public func count(of kind: Kind) -> Int { steps.reduce(0) { $0 + ($1.kind == kind ? $1.items.count : 0) } }

  /// The things from one place on, up to a number, step by step, each step with the place of its first.
  public func slice(from start: Int, count: Int) -> [(place: Int, step: Step)] {
    var slices: [(place: Int, step: Step)] = []
    var place = 0
    for step in steps {
      let wanted = max(start, place)..<max(start, min(start + count, place + step.items.count))
      if wanted.lowerBound < wanted.upperBound, wanted.lowerBound < place + step.items.count {
        let items = step.items[(wanted.lowerBound - place)..<(wanted.upperBound - place)]
        slices.append((wanted.lowerBound, Step(step.kind, Array(items))))
      }
      place += step.items.count
      if place >= start + count { break }
    }
    return slices
  }
}
