extension API {
  struct ReplicationStatus: Decodable {
    let rule, target: String
    let pending, failing: Int
    let oldestQueuedAt: String?
    let reconciling: Bool
    let reconciledAt, targetFailure: String?
  }

  struct ReplicationJob: Decodable {
    let repository, reference, queuedAt: String
    let attempts: Int
    let nextAttemptAt, lastError: String?
  }

  /// A line of a comparison: a difference, or with `done` how many there were, or what ended it.
  struct ReplicationDifference: Decodable {
    struct Fault: Decodable {
      let message: String
    }

    let difference, repository, reference, source, target: String?
    let done: Bool?
    let compared, differences: Int?
    let errors: [Fault]?
  }
}

extension API.ReplicationDifference {
  /// Why the comparison ended early.
  var failure: String? { errors?.first?.message }

  /// The difference on a line.
  var text: String {
    let reference = reference ?? ""
    let name = (repository ?? "") + (reference.contains(":") ? "@" : ":") + reference
    let digests = [source.map { "here \($0)" }, target.map { "there \($0)" }].compactMap { $0 }
    return "\(difference ?? "") \(name) (\(digests.joined(separator: ", ")))"
  }
}
