public import OCI

/// The tags, labels and annotations of a build.
public struct TagPlan: Sendable {
  /// The first tag, which is what the build is called; nil where no rule gave a tag.
  public let version: Tag?
  /// The images that get the tags, as registries take their names.
  public let images: [String]
  /// Everything that a line may not have been meant to come to.
  public let warnings: [PlanWarning]
  /// The labels, in the order of their names.
  public let labels: [ImageLabel]
  /// The annotations, in the order of their names.
  public let annotations: [ImageLabel]
  /// Whether rules and flavor ask for `latest`.
  public let hasLatest: Bool

  /// The tags by priority, `latest` behind them; none stands twice.
  let planned: [PlannedTag]
  private var leftOut: [String: Set<Tag>] = [:]

  /// Makes the plan of a build.
  ///
  /// - Parameters:
  ///   - now: the moment of the build.
  ///   - shortCommitLength: how many digits a commit's short name has.
  public init(
    _ inputs: PlanInputs, for context: BuildContext, now: Timestamp, shortCommitLength: Int = 7
  ) throws(InvalidPlanInput) {
    let flavor = try Flavor(inputs.flavor)
    var evaluation = Evaluation(
      context: context, flavor: flavor, now: now, shortCommitLength: shortCommitLength)
    var planned: [PlannedTag] = []
    var hasLatest: Bool?
    for rule in try TagRule.rules(inputs.tags) {
      guard let result = try evaluation.result(of: rule) else { continue }
      hasLatest = hasLatest ?? (flavor.latest == .auto ? result.asksForLatest : flavor.latest == .always)
      if !planned.contains(where: { $0.tag == result.tag.tag }) { planned.append(result.tag) }
    }
    version = planned.first?.tag
    if hasLatest == true, let latest = evaluation.latest(), !planned.contains(where: { $0.tag == latest.tag }) {
      planned.append(latest)
    }
    self.planned = planned
    self.hasLatest = hasLatest ?? false
    images = try ImageEntry.entries(inputs.images).filter(\.isEnabled).map(\.reference).uniqued()
    labels = try evaluation.labels(inputs.labels, of: .labels, version: version)
    annotations = try evaluation.labels(inputs.annotations, of: .annotations, version: version)
    warnings = evaluation.warnings
  }

  /// The tags, in the order of their priority.
  public var tags: [Tag] { planned.map(\.tag).filter { tag in names(tag) } }

  /// The whole names that the build gets: all tags of an image, then those of the next one.
  public var references: [String] {
    guard !images.isEmpty else { return tags.map(\.value) }
    return images.flatMap { image in
      planned.filter { leftOut[image]?.contains($0.tag) != true }.map { "\(image):\($0.tag)" }
    }
  }

  /// Takes tags out of the plan of one image.
  public mutating func leaveOut(_ tags: Set<Tag>, of image: String) {
    leftOut[image, default: []].formUnion(tags)
  }

  /// Whether any image gets a tag.
  private func names(_ tag: Tag) -> Bool {
    images.isEmpty || images.contains { leftOut[$0]?.contains(tag) != true }
  }
}

/// A label of an image, or an annotation of a manifest.
public struct ImageLabel: Hashable, Sendable, CustomStringConvertible {
  /// The name, such as `org.opencontainers.image.title`.
  public let name: String
  /// The value.
  public let value: String

  /// `name=value`, as builders take it.
  public var description: String { "\(name)=\(value)" }
}

/// A tag, and what it came from.
struct PlannedTag: Hashable, Sendable {
  let tag: Tag
  let origin: TagOrigin
}

extension [String] {
  /// Each text once, where it stood first.
  fileprivate func uniqued() -> [String] {
    var seen: Set<String> = []
    return filter { seen.insert($0).inserted }
  }
}
