import Images
import OCI

/// What `berth delete` deleted, or would.
struct DeletionReport: Encodable {
  /// An index that lists what goes.
  struct Index: Encodable {
    let tag: String
    let digest: String
  }

  /// Whether it was deleted.
  let deleted: Bool
  let digest: String
  /// Whether the manifest goes, and not a tag alone.
  let manifest: Bool
  /// The tags that go.
  let tags: [String]
  /// The indexes that cannot be pulled whole any more.
  let indexes: [Index]
  /// What refers to what goes.
  let referrers: [DescriptorReport]

  init(tag: Tag, of descriptor: Descriptor, isDone: Bool) {
    deleted = isDone
    digest = descriptor.digest.description
    manifest = false
    tags = [tag.value]
    indexes = []
    referrers = []
  }

  init(_ plan: DeletionPlan, isDone: Bool) {
    deleted = isDone
    digest = plan.descriptor.digest.description
    manifest = true
    tags = plan.tags.map(\.value)
    indexes = plan.indexes.map { Index(tag: $0.tag.value, digest: $0.digest.description) }
    referrers = plan.referrers.map { DescriptorReport($0) }
  }

  /// A line for what goes, and one for each thing that goes or breaks with it.
  var text: String {
    let verb = deleted ? "deleted" : "would delete"
    guard manifest else { return "\(verb) the tag \(tags[0]); \(digest) stays" }
    var lines = ["\(verb) \(digest)"]
    lines += tags.map { "  with its tag \($0)" }
    lines += indexes.map { "  which breaks the index \($0.tag) (\($0.digest)) that lists it" }
    lines += referrers.map { "  which \($0.digest) (\($0.artifactType ?? $0.mediaType)) refers to" }
    return lines.map(PlainText.line).joined(separator: "\n")
  }

  /// All of it on one line.
  var summary: String {
    let parts = [
      tags.isEmpty ? nil : "the tags \(tags.joined(separator: ", "))",
      indexes.isEmpty ? nil : "break the indexes \(indexes.map(\.tag).joined(separator: ", "))",
      referrers.isEmpty ? nil : "leave \(referrers.count) referrers without their subject",
    ].compactMap { $0 }
    return parts.isEmpty ? digest : "\(digest) with \(parts.joined(separator: ", and "))"
  }
}
