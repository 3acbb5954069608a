import Images
import OCI

/// What `berth sync` would do.
struct SyncPlanReport: Encodable {
  /// An image that is to be in another place.
  struct Copy: Encodable {
    let source: String
    let target: String
    let upToDate: Bool
  }

  let copies: [Copy]
  /// The tags that are to go.
  let removals: [String]
  let failures: [SyncOutcome.Failure]

  init(_ plan: SyncPlan) {
    copies = plan.copies.map {
      Copy(source: "\($0.source)", target: "\($0.target)", upToDate: $0.isUpToDate)
    }
    removals = plan.removals.map { "\($0.target)" }
    failures = plan.failures.map { SyncOutcome.Failure(place: $0.place, reason: $0.description) }
  }

  /// A line for each thing that would be done, and one for all.
  var text: String {
    let work = copies.filter { !$0.upToDate }
    let lines =
      work.map { "would copy \($0.source) to \($0.target)" } + removals.map { "would remove \($0)" }
      + failures.map { "failed: \($0.place): \($0.reason)" }
    let upToDate = copies.count - work.count
    let total = "\(upToDate) up to date, \(work.count) to copy, \(removals.count) to remove, \(failures.count) failed"
    return (lines + [total]).map(PlainText.line).joined(separator: "\n")
  }
}

/// What `berth sync` did.
struct SyncOutcome: Encodable {
  /// A copy or a removal.
  struct Step: Encodable {
    /// `copy` or `remove`.
    let action: String
    let source: String?
    let target: String
    /// `done`, `up-to-date` or `failed`.
    let outcome: String
    let reason: String?
    /// The blobs whose bytes were transferred, and those bytes.
    let blobs: Int
    let bytes: Int64
  }

  /// What could not be planned.
  struct Failure: Encodable {
    let place: String
    let reason: String
  }

  /// How many images were there already.
  let upToDate: Int
  let steps: [Step]
  let failures: [Failure]

  init(_ report: SyncReport) {
    steps = report.steps.map { Step($0) }
    upToDate = report.upToDate + steps.count { $0.outcome == "up-to-date" }
    failures = report.failures.map { Failure(place: $0.place, reason: $0.description) }
  }

  /// How many of each.
  var summary: String {
    func count(_ action: String) -> Int { steps.count { $0.action == action && $0.outcome == "done" } }
    let failed = failures.count + steps.count { $0.outcome == "failed" }
    return "\(upToDate) up to date, \(count("copy")) copied, \(count("remove")) removed, \(failed) failed"
  }
}

extension SyncOutcome.Step {
  init(_ step: SyncReport.Step) {
    let (action, source, target) =
      switch step.work {
      case .copy(let copy): ("copy", Optional("\(copy.source)"), "\(copy.target)")
      case .removal(let removal): ("remove", String?.none, "\(removal.target)")
      }
    let (outcome, reason, tally): (String, String?, CopyTally?) =
      switch step.outcome {
      case .upToDate: ("up-to-date", nil, nil)
      case .done(let tally): ("done", nil, tally)
      case .failed(let error): ("failed", "\(error)", nil)
      }
    self.init(
      action: action, source: source, target: target, outcome: outcome, reason: reason,
      blobs: tally?.written ?? 0, bytes: tally?.bytes ?? 0)
  }

  /// One line.
  var text: String {
    let what = source.map { "\($0) to \(target)" } ?? target
    return switch (outcome, action) {
    case ("done", "copy"): "copied \(what): \(blobs) blobs with \(ByteText.short(bytes))"
    case ("done", _): "removed \(what)"
    case ("failed", _): "failed \(what)"
    default: "up to date \(what)"
    }
  }
}
