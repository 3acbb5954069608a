/// A line of the input `tags`: where a tag comes from.
struct TagRule: Sendable {
  /// What kind of rule it is, with what only this kind has.
  enum Kind: Sendable {
    case schedule(pattern: Template)
    case semver(VersionRule)
    case pep440(VersionRule)
    case match(RegularExpression, group: Int, value: Template)
    /// Nil is the default branch.
    case edge(branch: String?)
    case ref(RefEvent)
    case raw(value: Template)
    case sha(SHAFormat)
  }

  /// The kinds as they are written.
  enum Name: String, CaseIterable, Sendable {
    case schedule, semver, pep440, match, edge, ref, raw, sha

    /// The priority of rules that say none.
    var priority: Int {
      switch self {
      case .schedule: 1000
      case .semver, .pep440: 900
      case .match: 800
      case .edge: 700
      case .ref: 600
      case .raw: 200
      case .sha: 100
      }
    }

    /// The attributes that not every kind has.
    var attributes: [String] {
      switch self {
      case .schedule: ["pattern"]
      case .semver, .pep440: ["pattern", "value", "match"]
      case .match: ["pattern", "group", "value"]
      case .edge: ["branch"]
      case .ref: ["event"]
      case .raw: ["value"]
      case .sha: ["format"]
      }
    }
  }

  /// What of a version becomes the tag.
  struct VersionRule: Sendable {
    let pattern: Template
    /// Empty means the Git tag.
    let value: Template
    /// Its first group is the version in the value; nil where the value is the version.
    let match: RegularExpression?
  }

  /// Which references a rule is about.
  enum RefEvent: String, CaseIterable, Sendable {
    case branch, tag
    case pullRequest = "pr"
  }

  /// How much of a commit's digest is the tag.
  enum SHAFormat: String, CaseIterable, Sendable {
    case short, long
  }

  /// The line, counted from 1.
  let line: Int
  let name: Name
  let kind: Kind
  /// Tags of a higher priority come first.
  let priority: Int
  /// Has to come to `true` or `false`.
  let enable: Template
  /// Nil where the flavor says it.
  let prefix: Template?
  /// Nil where the flavor says it.
  let suffix: Template?
}
