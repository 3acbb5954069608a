import Locks
import NIOCore
import OCI
import Registry
import TestSupport

/// An upstream in memory that counts what it is asked, and fails as it is told.
///
/// Blobs are named by a text and hold it, so that the same name is the same blob.
final class FakeUpstream: Upstream {
  /// What is counted.
  enum Question: Hashable, Sendable {
    case tag, manifest, size, blob
  }

  struct State {
    var manifests: [RepositoryName: [Digest: Manifest]] = [:]
    var tags: [RepositoryName: [Tag: Digest]] = [:]
    var blobs: [Digest: [UInt8]] = [:]
    var counts: [Question: Int] = [:]
    /// What every question fails with.
    var failure: UpstreamFailure?
    /// What is answered in place of content.
    var wrong: [Digest: [UInt8]] = [:]
    /// After how many bytes blobs break off.
    var breaksOff: Int?
    /// What blobs wait for after their first bytes.
    var hold: Signal?
  }

  private let state = Locked(State())

  func change(_ body: (inout State) -> Void) { state.withLock { body(&$0) } }

  func count(_ question: Question) -> Int { state.withLock { $0.counts[question] ?? 0 } }

  /// How often it was asked anything.
  var total: Int { state.withLock { $0.counts.values.reduce(0, +) } }

  /// Adds an image of blobs that hold their names.
  @discardableResult
  func add(_ blobs: [String], as tag: String? = nil, to repository: String = "library/app") -> Manifest {
    change { state in for blob in blobs { state.blobs[.blob(blob)] = Array(blob.utf8) } }
    return add(.image(blobs), as: tag, to: repository)
  }

  @discardableResult
  func add(_ manifest: Manifest, as tag: String? = nil, to repository: String = "library/app") -> Manifest {
    change { state in
      state.manifests[.named(repository), default: [:]][manifest.digest] = manifest
      if let tag { state.tags[.named(repository), default: [:]][.named(tag)] = manifest.digest }
    }
    return manifest
  }

  private func asked<Answer>(
    _ question: Question, _ answer: (State) throws(UpstreamFailure) -> Answer
  ) throws(UpstreamFailure) -> Answer {
    try state.withLock { state throws(UpstreamFailure) in
      state.counts[question, default: 0] += 1
      if let failure = state.failure { throw failure }
      return try answer(state)
    }
  }

  func digest(of tag: OCI.Tag, in repository: RepositoryName) async throws(UpstreamFailure) -> Digest? {
    try asked(.tag) { $0.tags[repository]?[tag] }
  }

  func manifest(_ reference: Reference, in repository: RepositoryName) async throws(UpstreamFailure) -> Manifest? {
    try asked(.manifest) { state in
      let digest: Digest?
      switch reference {
      case .tag(let tag): digest = state.tags[repository]?[tag]
      case .digest(let named): digest = named
      }
      guard let digest, let manifest = state.manifests[repository]?[digest] else { return nil }
      guard let wrong = state.wrong[digest] else { return manifest }
      return try! Manifest(parsing: wrong, contentType: nil)
    }
  }

  func blobSize(_ digest: Digest, in repository: RepositoryName) async throws(UpstreamFailure) -> Int64? {
    try asked(.size) { state in
      state.has(digest, in: repository) ? state.blobs[digest].map { Int64($0.count) } : nil
    }
  }

  func blob(
    _ digest: Digest, size: Int64, in repository: RepositoryName
  ) async throws(UpstreamFailure) -> (any AsyncSequence<ByteBuffer, any Error> & Sendable)? {
    let found = try asked(.blob) { state in
      guard state.has(digest, in: repository) else { return nil as ([UInt8]?, Signal?, Int?)? }
      return (state.wrong[digest] ?? state.blobs[digest], state.hold, state.breaksOff)
    }
    guard let (bytes, hold, breaksOff) = found, let bytes else { return nil }
    return FakeBytes(bytes: bytes, hold: hold, breaksOff: breaksOff)
  }
}

extension FakeUpstream.State {
  /// Whether a manifest of the repository names the blob.
  fileprivate func has(_ digest: Digest, in repository: RepositoryName) -> Bool {
    (manifests[repository] ?? [:]).values.contains { manifest in
      manifest.config?.digest == digest || (manifest.layers + manifest.entries).contains { $0.digest == digest }
    }
  }
}

/// The bytes of a blob in three pieces, with a wait behind the first one where there is to be one.
private struct FakeBytes: AsyncSequence, Sendable {
  let bytes: [UInt8]
  let hold: Signal?
  let breaksOff: Int?

  struct Iterator: AsyncIteratorProtocol {
    let source: FakeBytes
    var offset = 0

    mutating func next() async throws -> ByteBuffer? {
      if offset > 0 { await source.hold?.wait() }
      if let end = source.breaksOff, offset >= end { throw UpstreamFailure(.unavailable, "cut off") }
      guard offset < source.bytes.count else { return nil }
      let count = Swift.min(Swift.max(1, source.bytes.count / 3), source.bytes.count - offset)
      defer { offset += count }
      return ByteBuffer(bytes: source.bytes[offset..<(offset + count)])
    }
  }

  func makeAsyncIterator() -> Iterator { Iterator(source: self) }
}

/// A time that moves when it is told to.
final class TestTime: Sendable {
  private let time = Locked(Timestamp(milliseconds: 1_700_000_000_000))

  var now: Timestamp { time.withLock { $0 } }

  func set(_ moment: Timestamp) { time.withLock { $0 = moment } }

  func advance(by duration: Duration) { time.withLock { $0 = $0 + duration } }
}
