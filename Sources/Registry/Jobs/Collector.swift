internal import BlobStorage
public import Catalog
internal import Locks
public import OCI

/// Removes what nobody needs any more, while everything else goes on (online garbage collection).
///
/// Candidates come from the catalogue's queue, a few in each small transaction; nothing is walked and nothing is locked
/// but the digests whose bytes are going at that moment. A collection that is killed is taken up by the next one.
public final class Collector: Sendable {
  /// When things are old enough to go.
  public struct Policy: Sendable {
    /// How long a candidate waits since it was last touched.
    public var grace: Duration
    /// How long an upload may stand still.
    public var uploadExpiry: Duration
    /// For how long a manifest may be without a tag; nil keeps such manifests for ever.
    public var untaggedAfter: Duration?

    /// Takes each time.
    public init(grace: Duration, uploadExpiry: Duration, untaggedAfter: Duration?) {
      self.grace = grace
      self.uploadExpiry = uploadExpiry
      self.untaggedAfter = untaggedAfter
    }
  }

  /// What a collection has taken so far.
  public struct Report: Hashable, Sendable {
    /// Uploads that nobody went on with.
    public var uploads = 0
    /// Manifests whose rows went.
    public var manifests = 0
    /// Links of blobs to repositories that went.
    public var links = 0
    /// Blobs whose bytes went.
    public var blobs = 0
    /// The sizes of those blobs, in bytes.
    public var bytes: Int64 = 0

    /// Starts at nothing.
    public init() {}
  }

  /// What all collections of this process have done, for metrics.
  public struct Totals: Sendable {
    /// Collections that came to their end.
    public var runs = 0
    /// What they took.
    public var taken = Report()
    /// Whether one is under way.
    public var isRunning = false
  }

  private let registry: Registry
  private let batch: Int
  private let turn = Turn()
  private let state = Locked(Totals())

  /// When things are old enough to go, where a call does not say otherwise.
  public let policy: Policy

  /// - Parameters:
  ///   - registry: what it cleans.
  ///   - policy: when things are old enough to go.
  ///   - batch: how many candidates one transaction looks at.
  public init(registry: Registry, policy: Policy, batch: Int = 64) {
    self.registry = registry
    self.policy = policy
    self.batch = batch
  }

  /// What has been done since the process began.
  public var totals: Totals { state.withLock { $0 } }

  /// What a collection would take now.
  public func forecast(_ policy: Policy) async throws(RegistryError) -> CollectionForecast {
    try await reporting {
      try await registry.catalog.collectable(
        waitingSince: .now - policy.grace, untaggedSince: policy.untaggedAfter.map { .now - $0 })
    }
  }

  /// Collects until nothing is left that is old enough; one collection at a time, the next waits.
  ///
  /// - Parameter progress: is told what was taken so far, after each transaction.
  public func collect(
    _ policy: Policy, progress: @Sendable (Report) async -> Void = { _ in }
  ) async throws(RegistryError) -> Report {
    try await reporting {
      try await turn.take {
        state.withLock { $0.isRunning = true }
        defer { state.withLock { $0.isRunning = false } }
        var report = Report()
        try await collect(policy, into: &report, progress)
        state.withLock { $0.runs += 1 }
        return report
      }
    }
  }

  /// Ends the removals that an earlier process began; until then their digests cannot be pushed.
  public func resumeRemovals() async throws(RegistryError) {
    try await reporting {
      try await turn.take {
        var report = Report()
        try await removeBytes(into: &report) { _ in }
      }
    }
  }

  private func collect(
    _ policy: Policy, into report: inout Report, _ progress: (Report) async -> Void
  ) async throws {
    let cutoff = Timestamp.now - policy.grace
    try await discardUploads(lastTouchedBefore: .now - policy.uploadExpiry, into: &report, progress)
    if let untaggedAfter = policy.untaggedAfter {
      let moment = Timestamp.now - untaggedAfter
      try await review(into: &report, progress) { _ in
        let count = try await registry.catalog.hideUntaggedManifests(since: moment, limit: batch)
        if count.purged > 0 { registry.manifestCache.invalidateAll() }
        return count
      }
    }
    try await review(into: &report, progress) { _ in
      try await registry.catalog.releaseTrash(keptUntil: .now, limit: batch)
    }
    try await review(into: &report, progress) { report in
      let count = try await registry.catalog.reviewManifests(waitingSince: cutoff, limit: batch)
      report.manifests += count.purged
      return count
    }
    try await review(into: &report, progress) { report in
      let count = try await registry.catalog.reviewLinks(waitingSince: cutoff, limit: batch)
      report.links += count.purged
      return count
    }
    try await removeBytes(into: &report, progress)
  }

  private func review(
    into report: inout Report, _ progress: (Report) async -> Void,
    _ step: (inout Report) async throws -> ReviewCount
  ) async throws {
    while true {
      try Task.checkCancellation()
      let before = report
      let count = try await step(&report)
      if count.reviewed == 0 { return }
      await note(report, since: before, progress)
    }
  }

  private func removeBytes(into report: inout Report, _ progress: (Report) async -> Void) async throws {
    while true {
      try Task.checkCancellation()
      let claimed = try await registry.catalog.claimUnlinkedBlobs(limit: batch)
      if claimed.isEmpty { return }
      let before = report
      let digests = claimed.map(\.digest)
      try await registry.gate.removing(digests) { () async throws in
        for digest in digests { try await registry.blobs.remove(digest) }
        try await registry.catalog.forgetBlobs(digests)
      }
      report.blobs += claimed.count
      report.bytes += claimed.reduce(0) { $0 + $1.size }
      await note(report, since: before, progress)
    }
  }

  private func note(_ report: Report, since before: Report, _ progress: (Report) async -> Void) async {
    state.withLock { state in
      state.taken.uploads += report.uploads - before.uploads
      state.taken.manifests += report.manifests - before.manifests
      state.taken.links += report.links - before.links
      state.taken.blobs += report.blobs - before.blobs
      state.taken.bytes += report.bytes - before.bytes
    }
    await progress(report)
  }
}

extension Collector {
  /// Gives up uploads that nobody went on with, and staged bytes of which the catalogue knows no upload.
  private func discardUploads(
    lastTouchedBefore cutoff: Timestamp, into report: inout Report, _ progress: (Report) async -> Void
  ) async throws {
    let staged = try await registry.blobs.stagedUploads()
    let standing = Set(staged.filter { $0.modified >= cutoff }.map(\.id))
    let known = try await registry.catalog.uploads(begunBefore: cutoff, limit: Self.uploadsAtOnce)
    for upload in staged where upload.isPublished && upload.modified < cutoff {
      try await adopt(upload.id)
    }
    for upload in known where !standing.contains(upload.id) {
      try Task.checkCancellation()
      let before = report
      guard try await cancel(upload) else { continue }
      report.uploads += 1
      await note(report, since: before, progress)
    }
    guard known.count < Self.uploadsAtOnce else { return }
    let named = Set(known.map(\.id))
    for upload in staged where upload.modified < cutoff && !named.contains(upload.id) {
      try await registry.blobs.discardUpload(upload.id)
    }
  }

  /// How many uploads one collection gives up; the next one goes on.
  private static let uploadsAtOnce = 10_000

  /// - Returns: whether it was given up; a request may be at it, or may have ended it.
  private func cancel(_ upload: UploadRecord) async throws(RegistryError) -> Bool {
    do {
      try await registry.cancelUpload(upload.id, in: upload.repository, .yields)
      return true
    } catch {
      guard error == UploadSessions.busy || error.code == .blobUploadUnknown else { throw error }
      return false
    }
  }

  /// Tells the catalogue of a blob that was published when the process that did so ended.
  private func adopt(_ id: UploadID) async throws {
    let upload = try await registry.blobs.upload(id)
    do {
      for algorithm in Digest.Algorithm.allCases {
        let digest = try await upload.digest(algorithm)
        try await registry.gate.publishing(digest) { () async throws in
          guard let blob = try await registry.blobs.open(digest) else { return }
          await blob.close()
          try await registry.catalog.adoptBlob(digest, size: blob.size)
        }
      }
    } catch {
      await upload.close()
      throw error
    }
    await upload.close()
  }
}

/// Lets one task in at a time, in the order they came.
private final class Turn: Sendable {
  private struct State {
    var isTaken = false
    var waiting: [CheckedContinuation<Void, Never>] = []
  }

  private let state = Locked(State())

  func take<Success>(_ body: () async throws -> Success) async throws -> Success {
    await withCheckedContinuation { continuation in
      let isFree = state.withLock { state in
        if state.isTaken {
          state.waiting.append(continuation)
          return false
        }
        state.isTaken = true
        return true
      }
      if isFree { continuation.resume() }
    }
    defer {
      let next = state.withLock { state -> CheckedContinuation<Void, Never>? in
        guard !state.waiting.isEmpty else {
          state.isTaken = false
          return nil
        }
        return state.waiting.removeFirst()
      }
      next?.resume()
    }
    return try await body()
  }
}
