import OCI
import TestSupport

/// The manifests and tags of a repository, as its only client knows them from what it was answered.
struct Ledger: Equatable, Sendable {
  var images: Set<Image> = []
  var tags: [String: Digest] = [:]

  /// The images in an order that is the same in each run.
  var ordered: [Image] { images.sorted { $0.digest < $1.digest } }

  mutating func push(_ image: Image, tag: String?) {
    images.insert(image)
    if let tag { tags[tag] = image.digest }
  }

  mutating func delete(_ image: Image) {
    images.remove(image)
    tags = tags.filter { $0.value != image.digest }
  }
}

/// A manifest with the contents that it needs.
struct Image: Hashable, Sendable {
  let digest: Digest
  let bytes: [UInt8]
  let blobs: [Blob]

  /// An image that no other has the digest of, as long as the name is its own.
  init(_ layers: [Blob], name: String) {
    bytes = Sample.image(layers: layers.map(\.bytes), extra: #","annotations":{"name":"\#(name)"}"#)
    digest = .of(bytes)
    blobs = [Blob(Array("{}".utf8))] + layers
  }

  func hash(into hasher: inout Hasher) { hasher.combine(digest) }
  static func == (left: Self, right: Self) -> Bool { left.digest == right.digest }
}

/// A blob with its digest.
struct Blob: Sendable {
  let digest: Digest
  let bytes: [UInt8]

  init(_ bytes: [UInt8]) {
    digest = .of(bytes)
    self.bytes = bytes
  }

  /// Layers that all clients push, so that one client's blob is another one's garbage.
  static let shared: [Blob] = (0..<8).map { Blob(Sample.bytes($0 == 0 ? 300_000 : 500 << $0, seed: UInt64($0 + 1))) }
}

/// A tag that many clients push, and what it may name.
struct SharedTag: Sendable {
  private struct Push {
    let digest: Digest
    let began: Int
    /// nil while no answer came.
    var ended: Int?
  }

  private var pushes: [Int: Push] = [:]
  private var clock = 0

  /// - Returns: what names the push.
  mutating func begin(_ digest: Digest) -> Int {
    clock += 1
    pushes[clock] = Push(digest: digest, began: clock)
    return clock
  }

  mutating func end(_ push: Int, isAccepted: Bool) {
    clock += 1
    if isAccepted { pushes[push]!.ended = clock } else { pushes[push] = nil }
  }

  /// What the tag may name: what no acknowledged push came after. nil stands for nothing.
  var candidates: Set<Digest?> {
    let acknowledged = pushes.values.filter { $0.ended != nil }
    let last = pushes.values.filter { push in
      guard let ended = push.ended else { return true }
      return !acknowledged.contains { $0.began > ended }
    }
    return Set(last.map(\.digest)).union(acknowledged.isEmpty ? [nil] : [])
  }

  /// Goes on from what the tag was found to name.
  mutating func settle(on digest: Digest?) {
    pushes = [:]
    guard let digest else { return }
    end(begin(digest), isAccepted: true)
  }
}
