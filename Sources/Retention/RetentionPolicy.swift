public import Catalog
internal import OCI

/// What is kept in a repository, and for how long: rules, of which the first that a tag fits decides about it.
///
/// A tag that fits no rule is kept, and so is a manifest without a tag where no rule is about those.
public struct RetentionPolicy: Hashable, Sendable {
  /// The rules, the most important first.
  public var rules: [RetentionRule]
  /// What was pulled within this time is kept, where the policy says so.
  private let writtenPulledLately: Duration?

  /// How long what was pulled is kept where a policy does not say otherwise.
  public static let defaultPulledLately = Duration.seconds(7 * 86_400)

  /// What was pulled within this time is kept, whatever the rules say.
  public var pulledLately: Duration { writtenPulledLately ?? Self.defaultPulledLately }

  /// Takes both; nil stands for the default.
  public init(rules: [RetentionRule], pulledLately: Duration? = nil) {
    self.rules = rules
    writtenPulledLately = pulledLately
  }

  /// Puts policies together, of which the rules of the first come first; each rule's name tells whose it is.
  ///
  /// What was pulled lately is kept for as long as the first says that says it.
  public init(merging policies: [(scope: RepositoryScope, policy: RetentionPolicy)]) {
    rules = policies.flatMap { scope, policy in
      policy.rules.map { RetentionRule(name: "\($0.name) (\(scope))", subject: $0.subject, keep: $0.keep) }
    }
    writtenPulledLately = policies.lazy.compactMap(\.policy.writtenPulledLately).first
  }
}

/// What happens to the tags that fit some patterns, or to manifests without a tag.
public struct RetentionRule: Hashable, Sendable {
  /// What a rule is about.
  public enum Subject: Hashable, Sendable {
    /// Tags that fit; those that clients made of digests stay or go with what they are about.
    case tags(TagPatterns)
    /// Manifests that have no tag, that no index lists, and that refer to nothing that is there.
    case untagged
  }

  /// What is kept of what a rule is about; everything else of it goes.
  public enum Keep: Hashable, Sendable {
    case always
    case never
    /// What fulfils at least one of the conditions.
    case whatFulfils(KeepConditions)
  }

  /// What it is called in plans and reports.
  public let name: String
  /// What it is about.
  public let subject: Subject
  /// What is kept of that.
  public let keep: Keep

  /// Takes each part.
  public init(name: String, subject: Subject, keep: Keep) {
    self.name = name
    self.subject = subject
    self.keep = keep
  }
}

/// Conditions of which one is enough to be kept.
public struct KeepConditions: Hashable, Sendable {
  /// What orders tags from new to old.
  public enum Order: String, CaseIterable, Sendable {
    /// When they were pushed.
    case push
    /// Which version they are; a tag that is no version does not fit the rule.
    case semver
    /// When what they name was pulled.
    case pull
  }

  /// The newest so many.
  public var newest: Int?
  /// Newest by what.
  public var order = Order.push
  /// Pushed no longer ago than this.
  public var pushedWithin: Duration?
  /// Pulled no longer ago than this.
  public var pulledWithin: Duration?

  /// Starts without a condition, which nothing fulfils.
  public init() {}
}
