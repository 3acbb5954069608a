import Catalog
import OCI
import Retention

/// What a plan says of one repository, as lines of JSON: the repository, what goes and, if that is asked for, what stays,
/// and in the end how much goes.
struct RetentionPlanLines {
  private let planned: PlannedRepository
  private let showsAll: Bool
  private let catalog: any RetentionCatalog

  /// How many digests of blobs are read at once.
  private static let blobs = 2048

  init(_ planned: PlannedRepository, showsAll: Bool, catalog: any RetentionCatalog) {
    self.planned = planned
    self.showsAll = showsAll
    self.catalog = catalog
  }

  private var contents: RepositoryContents { planned.contents }
  private var plan: RetentionPlan { planned.plan }

  func write(to lines: JSONLines) async throws {
    try await lines.write([("repository", JSONText.string(planned.name.value))])
    for (place, tag) in contents.tags.enumerated() where showsAll || !plan.tags[place].isKept {
      try await lines.write(
        [
          ("tag", JSONText.string(tag.tag.value)), ("digest", digest(tag.manifest)),
          ("bytes", String(plan.bytesOfTags[place])),
        ] + members(of: plan.tags[place]))
    }
    for place in contents.manifests.indices where showsAll || !plan.manifests[place].isKept {
      try await lines.write(
        [("manifest", digest(Int32(place))), ("bytes", String(plan.bytesOfManifests[place]))]
          + members(of: plan.manifests[place]))
    }
    try await writeBlobs(to: lines)
    let totals = planned.totals
    try await lines.write([
      ("repository", JSONText.string(planned.name.value)), ("tags", String(totals.tags)),
      ("manifests", String(totals.manifests)), ("blobs", String(totals.blobs)), ("bytes", String(totals.bytes)),
      ("keptTags", String(contents.tags.count - totals.tags)),
      ("keptManifests", String(contents.manifests.count - totals.manifests)),
    ])
  }

  /// A blob goes with the first manifest that needed it, whose rule it is told with.
  private func writeBlobs(to lines: JSONLines) async throws {
    var rest = plan.removedBlobs[...]
    while !rest.isEmpty {
      let places = rest.prefix(Self.blobs)
      rest = rest.dropFirst(places.count)
      let digests = try await catalog.blobDigests(places.map { contents.blobs[Int($0)].id })
      for place in places {
        let blob = contents.blobs[Int(place)]
        guard let digest = digests[blob.id], let manifest = contents.blobManifests[blob.manifests].first else {
          continue
        }
        try await lines.write(
          [
            ("blob", JSONText.string(digest.description)), ("bytes", String(blob.isShared ? 0 : blob.size)),
          ] + members(of: plan.manifests[Int(manifest)]))
      }
    }
  }

  private func digest(_ manifest: Int32) -> String {
    JSONText.string(contents.manifests[Int(manifest)].digest.description)
  }

  private func members(of verdict: RetentionPlan.Verdict) -> [(String, String)] {
    switch verdict {
    case .removed(let rule): [("removedBy", name(ofRule: rule))]
    case .kept(.rule(let rule)): [("kept", #""rule""#), ("by", name(ofRule: rule))]
    case .kept(.noRule): [("kept", #""no rule""#)]
    case .kept(.protected): [("kept", #""protected""#)]
    case .kept(.pulledLately): [("kept", #""pulled lately""#)]
    case .kept(.tag(let tag)): [("kept", #""tag""#), ("by", JSONText.string(contents.tags[Int(tag)].tag.value))]
    case .kept(.entry(let index)): [("kept", #""index""#), ("by", digest(index))]
    case .kept(.about(let subject)): [("kept", #""subject""#), ("by", digest(subject))]
    }
  }

  private func name(ofRule place: Int32) -> String { JSONText.string(planned.policy.rules[Int(place)].name) }
}
