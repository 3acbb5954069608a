internal import NIOCore
internal import OCI

/// Buffers that are being hashed, step by step.
struct HashingJob: Sendable {
  /// How many bytes of each job a step takes at the most: so long another job waits before it joins.
  private static let stepSize = 64 << 10

  private(set) var hasher: Digest.Hasher
  let completion: @Sendable (Digest.Hasher) -> Void
  private var buffers: ArraySlice<ByteBuffer>

  init(
    _ buffers: [ByteBuffer], after hasher: Digest.Hasher, _ completion: @escaping @Sendable (Digest.Hasher) -> Void
  ) {
    self.hasher = hasher
    self.completion = completion
    self.buffers = buffers.drop { $0.readableBytes == 0 }
  }

  var isFinished: Bool { buffers.isEmpty }

  /// Hashes the next bytes of one job or of two.
  static func step(_ jobs: inout [HashingJob]) {
    let count = jobs.reduce(stepSize) { min($0, $1.buffers.first?.readableBytes ?? 0) }
    if jobs.count == 2 {
      // Each hasher is taken out, so that both can be changed at the same time.
      var (first, second) = (jobs[0].hasher, jobs[1].hasher)
      jobs[0].withNext(count) { firstBytes in
        jobs[1].withNext(count) { Digest.Hasher.update(&first, firstBytes, &second, $0) }
      }
      (jobs[0].hasher, jobs[1].hasher) = (first, second)
    } else {
      for index in jobs.indices {
        var hasher = jobs[index].hasher
        jobs[index].withNext(count) { hasher.update($0) }
        jobs[index].hasher = hasher
      }
    }
    for index in jobs.indices { jobs[index].drop(count) }
  }

  private func withNext(_ count: Int, _ body: (UnsafeRawBufferPointer) -> Void) {
    buffers.first?.withUnsafeReadableBytes { body(UnsafeRawBufferPointer(rebasing: $0.prefix(count))) }
  }

  private mutating func drop(_ count: Int) {
    guard let first = buffers.indices.first else { return }
    buffers[first].moveReaderIndex(forwardBy: count)
    while let next = buffers.first, next.readableBytes == 0 { buffers.removeFirst() }
  }
}
