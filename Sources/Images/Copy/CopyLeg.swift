internal import Locks
internal import OCI

/// The way to one destination; when it fails, the others go on.
final class CopyLeg: Sendable {
  private struct State {
    var failure: (any Error)?
    var tally = CopyTally()
  }

  let index: Int
  let target: any ImageTarget
  let names: [RefName]
  private let state = Locked(State())
  private let report: @Sendable (CopyProgress) -> Void

  init(_ index: Int, _ destination: CopyDestination, _ report: @escaping @Sendable (CopyProgress) -> Void) {
    self.index = index
    target = destination.target
    names = destination.names
    self.report = report
  }

  var failure: (any Error)? { state.withLock { $0.failure } }
  var isOpen: Bool { failure == nil }
  var tally: CopyTally { state.withLock { $0.tally } }

  /// Does a part of the work unless an earlier part failed, and keeps its failure.
  ///
  /// - Returns: nil where it was not done.
  func attempt<Success>(
    isolation: isolated (any Actor)? = #isolation, _ work: () async throws -> Success
  ) async -> Success? {
    guard isOpen else { return nil }
    do {
      return try await work()
    } catch {
      fail(error)
      return nil
    }
  }

  private func fail(_ error: any Error) {
    let isFirst = state.withLock { state in
      defer { state.failure = state.failure ?? error }
      return state.failure == nil
    }
    if isFirst { report(.failed(reason: "\(error)", target: index)) }
  }

  func skipped(_ blob: Descriptor) {
    state.withLock { $0.tally.skipped += 1 }
    report(.skipped(blob, target: index))
  }

  func mounted(_ blob: Descriptor) {
    state.withLock { $0.tally.mounted += 1 }
    report(.mounted(blob, target: index))
  }

  func began(_ blob: Descriptor) {
    report(.began(blob, target: index))
  }

  func transferred(_ blob: Descriptor, _ bytes: Int64) {
    report(.transferred(blob, bytes: bytes, target: index))
  }

  func repeated(_ blob: Descriptor, _ error: any Error) {
    report(.repeated(blob, reason: "\(error)", target: index))
  }

  func finished(_ blob: Descriptor) {
    state.withLock {
      $0.tally.written += 1
      $0.tally.bytes += blob.size
    }
    report(.finished(blob, target: index))
  }

  func wrote(_ manifest: Descriptor, at place: ManifestPlace) {
    state.withLock { $0.tally.manifests += 1 }
    report(.wroteManifest(manifest, at: place, target: index))
  }
}
