public import OCI

/// Why something stays.
public enum ProtectionReason: Hashable, Sendable {
  /// A rule keeps a tag where it is.
  case tag(Tag, ProtectionRule)
  /// A rule keeps a manifest, and what that reaches, because it has or had a tag.
  case digest(Digest, Tag, ProtectionRule)
  /// Somebody holds a manifest, and what that reaches.
  case hold(Hold)

  /// The rule that says so, if it is one.
  public var rule: ProtectionRule? {
    switch self {
    case .tag(_, let rule), .digest(_, _, let rule): rule
    case .hold: nil
    }
  }

  /// The hold that says so, if it is one.
  public var hold: Hold? {
    if case .hold(let hold) = self { hold } else { nil }
  }
}

extension ProtectionReason: CustomStringConvertible {
  /// What keeps it, by whom, and since when.
  public var description: String {
    switch self {
    case .tag(let tag, let rule):
      "the rule \(rule.name) (tags \(rule.rule.tags) of \(rule.rule.repositories), made by \(rule.madeBy)) keeps "
        + "\(tag) where it is"
    case .digest(let digest, let tag, let rule):
      "the rule \(rule.name) (digests of tags \(rule.rule.tags) of \(rule.rule.repositories), made by \(rule.madeBy)) "
        + "keeps \(digest), which has or had the tag \(tag), and what it reaches"
    case .hold(let hold):
      "\(hold.manifest.digest) is held with what it reaches, since \(hold.heldAt.rfc3339) by \(hold.heldBy): "
        + "\(hold.reason)"
    }
  }
}

/// What is kept of a repository where a reference points, and why.
public struct Protection: Hashable, Sendable {
  /// What the reference names; nil for a tag that is not set, which its rules keep once it is.
  public let digest: Digest?
  /// Everything that keeps it.
  public let reasons: [ProtectionReason]

  /// Makes one of its parts.
  public init(digest: Digest?, reasons: [ProtectionReason]) {
    self.digest = digest
    self.reasons = reasons
  }
}

/// That a change was not made, because a rule or a hold keeps what it would have changed.
public struct ProtectionRefusal: Error, Hashable, Sendable {
  /// What was to be done.
  public enum Attempt: Hashable, Sendable {
    case move(Tag, from: Digest, to: Digest)
    case deleteTag(Tag)
    case deleteManifest(Digest)
  }

  /// Where.
  public let repository: RepositoryName
  /// What was to be done.
  public let attempt: Attempt
  /// Why it was not.
  public let reason: ProtectionReason

  /// Makes one of its parts.
  public init(repository: RepositoryName, attempt: Attempt, reason: ProtectionReason) {
    self.repository = repository
    self.attempt = attempt
    self.reason = reason
  }

  /// Names that programs look at.
  public var detail: [String: String] {
    var detail = ["name": repository.value]
    detail["rule"] = reason.rule?.name.value
    detail["hold"] = reason.hold?.manifest.digest.description
    switch attempt {
    case .move(let tag, let from, let to):
      detail["tag"] = tag.value
      detail["digest"] = from.description
      detail["refused"] = to.description
    case .deleteTag(let tag): detail["tag"] = tag.value
    case .deleteManifest(let digest): detail["digest"] = digest.description
    }
    return detail
  }
}

extension ProtectionRefusal: CustomStringConvertible {
  /// What was refused, why, and what to do instead.
  public var description: String { "\(refused): \(reason); \(advice)" }

  private var refused: String {
    switch attempt {
    case .move(let tag, let from, _): "\(repository):\(tag) is immutable and stays at \(from)"
    case .deleteTag(let tag): "\(repository):\(tag) is not deleted"
    case .deleteManifest(let digest): "\(repository)@\(digest) is not deleted"
    }
  }

  private var advice: String {
    switch reason {
    case .hold(let hold): return "`berth unhold \(hold.manifest.repository)@\(hold.manifest.digest)` lets it go"
    case .tag(_, let rule), .digest(_, _, let rule):
      let administrator = rule.owner.map { "an administrator of \($0)" } ?? "an administrator of the registry"
      let removal = "have \(administrator) run `berth protect remove \(rule.name)`"
      if case .move = attempt { return "push under another tag, or \(removal)" }
      return removal
    }
  }
}
