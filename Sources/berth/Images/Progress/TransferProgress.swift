import Images
import OCI

/// How far the transfers of an image are: each blob, and all of them.
struct TransferProgress: Sendable {
  /// A blob on its way to a destination.
  struct ID: Hashable, Sendable {
    let digest: Digest
    /// The destination's number.
    let target: Int
  }

  /// A blob whose bytes are moving.
  struct Transfer: Hashable, Sendable {
    let id: ID
    let size: Int64
    var bytes: Int64 = 0
  }

  /// What is known of one destination.
  private struct Leg: Sendable {
    var blobs = 0
    var finished = 0
    var bytes: Int64 = 0
    var transferred: Int64 = 0
  }

  /// Those whose bytes are moving, the first to begin first.
  private(set) var active: [Transfer] = []
  private var legs: [Int: Leg] = [:]
  private var rate = TransferRate()

  /// How many blobs have come to an end.
  var finished: Int { sum(\.finished) }
  /// How many blobs there are to deal with.
  var expected: Int { sum(\.blobs) }
  /// The bytes of all blobs that have to be transferred, as far as is known.
  var totalBytes: Int64 { sum(\.bytes) }
  /// The bytes that have been transferred.
  var transferredBytes: Int64 { sum(\.transferred) }

  /// Takes in what happened.
  mutating func apply(_ event: CopyProgress, at now: ContinuousClock.Instant) {
    switch event {
    case .planned(let blobs, let bytes, let target):
      legs[target, default: Leg()].blobs += blobs
      legs[target, default: Leg()].bytes += bytes
    case .skipped(let blob, let target), .mounted(let blob, let target):
      legs[target, default: Leg()].finished += 1
      legs[target, default: Leg()].bytes -= blob.size
    case .began(let blob, let target):
      let id = ID(digest: blob.digest, target: target)
      if !active.contains(where: { $0.id == id }) { active.append(Transfer(id: id, size: blob.size)) }
    case .transferred(let blob, let bytes, let target):
      advance(ID(digest: blob.digest, target: target), to: bytes, at: now)
    case .repeated(let blob, _, let target):
      advance(ID(digest: blob.digest, target: target), to: 0, at: now)
    case .finished(let blob, let target):
      let id = ID(digest: blob.digest, target: target)
      advance(id, to: blob.size, at: now)
      active.removeAll { $0.id == id }
      legs[target, default: Leg()].finished += 1
    case .failed(_, let target):
      active.removeAll { $0.id.target == target }
      // What is not going to come is not waited for.
      guard var leg = legs[target] else { return }
      leg.blobs = leg.finished
      leg.bytes = leg.transferred
      legs[target] = leg
    case .wroteManifest, .absent: break
    }
  }

  /// So many bytes of a blob have been transferred; fewer than before where it begins anew.
  private mutating func advance(_ id: ID, to bytes: Int64, at now: ContinuousClock.Instant) {
    guard let index = active.firstIndex(where: { $0.id == id }) else { return }
    let moved = bytes - active[index].bytes
    active[index].bytes = bytes
    legs[id.target, default: Leg()].transferred += moved
    if moved > 0 { rate.add(moved, at: now) }
  }

  private func sum<Number: AdditiveArithmetic>(_ member: KeyPath<Leg, Number>) -> Number {
    legs.values.reduce(.zero) { $0 + $1[keyPath: member] }
  }

  /// Bytes per second; nil as long as too little is known.
  func bytesPerSecond(at now: ContinuousClock.Instant) -> Double? {
    rate.bytesPerSecond(at: now)
  }

  /// How long the rest takes at the present rate; nil where that cannot be said.
  func timeLeft(at now: ContinuousClock.Instant) -> Duration? {
    let rest = totalBytes - transferredBytes
    guard rest > 0, let rate = rate.bytesPerSecond(at: now), rate >= 1 else { return nil }
    return .seconds(Double(rest) / rate)
  }
}
