/// How a synchronisation ended.
public struct SyncReport: Sendable {
  /// What a step was to do.
  public enum Work: Hashable, Sendable {
    /// To copy an image.
    case copy(SyncPlan.Copy)
    /// To remove a tag.
    case removal(SyncPlan.Removal)
  }

  /// How a step ended.
  public enum Outcome: Sendable {
    /// There was nothing to do.
    case upToDate
    /// It was done.
    case done(CopyTally)
    /// It was not done, and why.
    case failed(any Error)
  }

  /// A step and its end.
  public struct Step: Sendable {
    /// What it was to do.
    public let work: Work
    /// How it ended.
    public let outcome: Outcome
  }

  /// How many images were there already, as the plan says.
  public let upToDate: Int
  /// What was done besides.
  public let steps: [Step]
  /// What could not be planned.
  public let failures: [SyncPlan.Failure]

  /// Everything that went wrong, for people.
  public var faults: [String] {
    failures.map { "\($0.place): \($0)" }
      + steps.compactMap { step in
        guard case .failed(let error) = step.outcome else { return nil }
        return switch step.work {
        case .copy(let copy): "\(copy.source) to \(copy.target): \(error)"
        case .removal(let removal): "\(removal.target): \(error)"
        }
      }
  }
}
