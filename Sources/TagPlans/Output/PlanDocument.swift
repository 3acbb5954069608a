internal import OCI

/// A plan as programs read it.
public struct PlanDocument: Sendable {
  private let plan: TagPlan
  private let levels: [AnnotationLevel]

  /// Takes a plan, and what of the image gets its annotations.
  public init(_ plan: TagPlan, levels: [AnnotationLevel]) {
    self.plan = plan
    self.levels = levels
  }

  /// The annotations, each with its level.
  public var annotations: [String] {
    levels.flatMap { level in plan.annotations.map { "\(level):\($0)" } }
  }

  /// One JSON object: `tags`, `tag-names`, `labels` and `annotations`.
  public var json: String {
    JSONText.object([
      ("tags", Self.array(plan.references)), ("tag-names", Self.array(plan.tags.map(\.value))),
      ("labels", labels), ("annotations", Self.array(annotations)),
    ])
  }

  /// What of a plan a file for `docker buildx bake` sets.
  public enum BakePart: String, CaseIterable, Sendable {
    case tags, labels, annotations
  }

  /// A file for `docker buildx bake` as JSON, with a target of parts of the plan, which others inherit from.
  public func bakeFile(_ parts: Set<BakePart>, target: String) -> String {
    var members: [(String, String)] = []
    if parts.contains(.tags) {
      members.append(("tags", Self.array(plan.references)))
      var arguments = [("DOCKER_META_IMAGES", JSONText.string(plan.images.joined(separator: ",")))]
      if let version = plan.version { arguments.append(("DOCKER_META_VERSION", JSONText.string(version.value))) }
      members.append(("args", JSONText.object(arguments)))
    }
    if parts.contains(.labels) { members.append(("labels", labels)) }
    if parts.contains(.annotations) { members.append(("annotations", Self.array(annotations))) }
    return JSONText.object([("target", JSONText.object([(target, JSONText.object(members))]))])
  }

  private var labels: String {
    JSONText.object(plan.labels.map { ($0.name, JSONText.string($0.value)) })
  }

  private static func array(_ texts: [String]) -> String {
    JSONText.array(texts.map { JSONText.string($0) })
  }
}
