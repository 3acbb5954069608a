internal import OCI

/// Applies rules to a build.
struct Evaluation {
  let context: BuildContext
  let flavor: Flavor
  let values: Template.Values
  private let now: Timestamp
  private let shortCommitLength: Int
  private(set) var warnings: [PlanWarning] = []

  /// What a rule comes to.
  struct Outcome {
    let tag: PlannedTag
    /// Whether the build is the latest one where the flavor does not say it.
    let asksForLatest: Bool
  }

  init(context: BuildContext, flavor: Flavor, now: Timestamp, shortCommitLength: Int) {
    self.context = context
    self.flavor = flavor
    self.now = now
    self.shortCommitLength = shortCommitLength
    var texts: [Template.Value: String] = [:]
    switch context.reference {
    case .branch(let name): texts[.branch] = name
    case .tag(let name): texts[.tag] = name
    case .pullRequest, .other: break
    }
    texts[.sha] = String(context.commit.prefix(shortCommitLength))
    texts[.baseRef] = context.baseBranch
    texts[.isDefaultBranch] = "\(context.isDefaultBranch)"
    texts[.isNotDefaultBranch] = "\(!context.isDefaultBranch)"
    values = Template.Values(texts: texts, moments: [.now: now, .commit: context.commitDate ?? now])
  }

  /// Applies a rule; nil where it gives no tag.
  mutating func result(of rule: TagRule) throws(InvalidPlanInput) -> Outcome? {
    let enabled = rule.enable.text(values)
    guard ["true", "false"].contains(enabled) else {
      throw InvalidPlanInput(.tags, line: rule.line, "enable comes to \(quoted(enabled)), and has to be true or false")
    }
    guard enabled == "true", let found = candidate(rule) else { return nil }
    let prefix = (rule.prefix ?? flavor.prefix.template).text(values)
    let suffix = (rule.suffix ?? flavor.suffix.template).text(values)
    let text = prefix + found.text + suffix
    guard !text.isEmpty else { return nil }
    guard let tag = Tag(fitting: text) else {
      warn(rule, "\(quoted(text)) holds nothing that a tag may hold, so that there is none")
      return nil
    }
    let origin = TagOrigin(kind: found.kind, prefix: prefix, suffix: suffix)
    return Outcome(tag: PlannedTag(tag: tag, origin: origin), asksForLatest: found.asksForLatest)
  }

  /// The tag `latest`, with the affixes of the flavor that go to it.
  func latest() -> PlannedTag? {
    let prefix = flavor.prefix.isOnLatest ? flavor.prefix.template.text(values) : ""
    let suffix = flavor.suffix.isOnLatest ? flavor.suffix.template.text(values) : ""
    return Tag(fitting: "\(prefix)latest\(suffix)").map { tag in
      PlannedTag(tag: tag, origin: TagOrigin(kind: .latest, prefix: prefix, suffix: suffix))
    }
  }

  // MARK: Rules

  /// A tag without its affixes.
  private struct Candidate {
    let text: String
    var asksForLatest = false
    var kind = TagOrigin.Kind.other
  }

  private mutating func candidate(_ rule: TagRule) -> Candidate? {
    switch rule.kind {
    case .schedule(let pattern):
      return context.event.contains("schedule") ? Candidate(text: pattern.text(values)) : nil
    case .semver(let version): return semver(version, rule)
    case .pep440(let version): return pep440(version, rule)
    case .match(let pattern, let group, let value): return match(pattern, group: group, in: value, rule)
    case .edge(let branch): return edge(branch, rule)
    case .ref(let event):
      switch (event, context.reference) {
      case (.branch, .branch(let name)): return Candidate(text: name)
      case (.tag, .tag(let name)): return Candidate(text: name, asksForLatest: true, kind: .name(name))
      case (.pullRequest, .pullRequest(let number)): return Candidate(text: number)
      default: return nil
      }
    case .raw(let value): return Candidate(text: value.text(values))
    case .sha(let format):
      guard !context.commit.isEmpty else { return nil }
      return Candidate(text: format == .short ? String(context.commit.prefix(shortCommitLength)) : context.commit)
    }
  }

  private mutating func edge(_ branch: String?, _ rule: TagRule) -> Candidate? {
    guard case .branch(let name) = context.reference else { return nil }
    guard let edge = branch ?? context.defaultBranch else {
      warn(rule, "the default branch is not known, so that there is no tag; name it, as in type=edge,branch=main")
      return nil
    }
    return name == edge ? Candidate(text: "edge") : nil
  }

  private mutating func match(
    _ pattern: RegularExpression, group: Int, in value: Template, _ rule: TagRule
  ) -> Candidate? {
    guard let text = source(value) else { return nil }
    guard let groups = pattern.match(in: text) else {
      warn(rule, "\(quoted(pattern.source)) does not match \(quoted(text)), so that there is no tag")
      return nil
    }
    guard group < groups.count, let found = groups[group] else {
      warn(rule, "group \(group) of \(quoted(pattern.source)) is not in \(quoted(text)), so that there is no tag")
      return nil
    }
    return Candidate(text: found, asksForLatest: true, kind: .name(found))
  }

  private mutating func semver(_ version: TagRule.VersionRule, _ rule: TagRule) -> Candidate? {
    guard let text = versionText(version, rule) else { return nil }
    guard let found = SemanticVersion(text) else {
      warn(rule, "\(quoted(text)) is no semantic version such as v1.2.3, so that type=semver gives no tag")
      return nil
    }
    guard found.prerelease.isEmpty else {
      // Tags such as 1.2 are those of releases.
      return Candidate(
        text: version.pattern.isRawOnly ? found.raw : found.normalized,
        kind: .unstable(version.pattern, ReleaseNumbers(found), leastNumbers: 3))
    }
    return Candidate(
      text: version.pattern.text(ReleaseNumbers(found), raw: found.raw, version: found.normalized),
      asksForLatest: true, kind: .version(version.pattern, ReleaseNumbers(found), leastNumbers: 3))
  }

  private mutating func pep440(_ version: TagRule.VersionRule, _ rule: TagRule) -> Candidate? {
    guard let text = versionText(version, rule) else { return nil }
    guard let found = PythonVersion(text) else {
      warn(rule, "\(quoted(text)) is no version by PEP 440 such as 1.2.3rc1, so that type=pep440 gives no tag")
      return nil
    }
    let release = ReleaseNumbers(
      found.release + Array(repeating: 0, count: max(0, 3 - found.release.count)), isPrerelease: found.isPrerelease)
    guard found.isFinal else {
      return Candidate(
        text: version.pattern.isRawOnly ? text : found.normalized,
        kind: found.epoch == 0 ? .unstable(version.pattern, release, leastNumbers: 2) : .other)
    }
    return Candidate(
      text: version.pattern.text(release, raw: text, version: found.normalized), asksForLatest: true,
      kind: found.epoch == 0 ? .version(version.pattern, release, leastNumbers: 2) : .other)
  }

  /// The version as it is written, without the slashes that a Git tag may have.
  private mutating func versionText(_ version: TagRule.VersionRule, _ rule: TagRule) -> String? {
    guard var text = source(version.value) else { return nil }
    if let pattern = version.match {
      if let groups = pattern.match(in: text), let group = groups[1] {
        text = group
      } else {
        warn(rule, "\(quoted(pattern.source)) does not match \(quoted(text)), so that all of it is read")
      }
    }
    return text.map { $0 == "/" ? "-" : String($0) }.joined()
  }

  /// The value of a rule, or the Git tag where it has none.
  private func source(_ value: Template) -> String? {
    guard value == .empty else { return value.text(values) }
    if case .tag(let name) = context.reference { return name }
    return nil
  }

  private mutating func warn(_ rule: TagRule, _ text: String) {
    warnings.append(PlanWarning(input: .tags, line: rule.line, text: text))
  }

  // MARK: Labels

  /// The usual labels, and those of an input, which come before the usual ones of the same name.
  mutating func labels(
    _ texts: [String], of input: InputName, version: Tag?
  ) throws(InvalidPlanInput) -> [ImageLabel] {
    var labels: [String: String] = [
      "title": context.repository.name, "description": context.repository.description,
      "url": context.repository.address, "source": context.repository.address, "version": version?.value ?? "",
      "created": DateFormat("YYYY-MM-DD[T]HH:mm:ss.SSS[Z]").text(of: now, secondsFromUTC: 0),
      "revision": context.commit, "licenses": context.repository.license,
    ].reduce(into: [:]) { labels, fact in labels["org.opencontainers.image.\(fact.key)"] = fact.value }
    for line in InputLine.lines(of: texts) {
      let template = try Fault.on(line, of: input) { () throws(Fault) in
        try Template(parsing: line.text, knowing: .global)
      }
      let text = template.text(values)
      guard let mark = text.firstIndex(of: "="), mark != text.startIndex else {
        let warning = "\(quoted(text)) has no name and value, so that it is left out; a line reads like org.example.a=b"
        warnings.append(PlanWarning(input: input, line: line.number, text: warning))
        continue
      }
      labels[String(text[..<mark])] = String(text[text.index(after: mark)...])
    }
    return labels.map { ImageLabel(name: $0.key, value: $0.value) }.sorted { $0.name < $1.name }
  }
}

extension Template {
  /// The template with the parts of a version.
  func text(_ release: ReleaseNumbers, raw: String, version: String) -> String {
    text(
      Values(
        texts: [
          .raw: raw, .version: version, .major: "\(release.number(0))", .minor: "\(release.number(1))",
          .patch: "\(release.number(2))",
        ], moments: [:]))
  }
}
