/// How fast bytes have been moving of late.
struct TransferRate: Sendable {
  /// How far back it looks.
  static let window = Duration.seconds(5)

  private struct Slice {
    let start: ContinuousClock.Instant
    var bytes: Int64
  }

  /// Counts are gathered in slices, so that there are few of them however often it is told.
  private static let slice = Duration.milliseconds(250)

  private var slices: [Slice] = []

  /// Counts bytes that have moved.
  mutating func add(_ bytes: Int64, at now: ContinuousClock.Instant) {
    slices.removeAll { now - $0.start > Self.window }
    if let last = slices.indices.last, now - slices[last].start < Self.slice {
      slices[last].bytes += bytes
    } else {
      slices.append(Slice(start: now, bytes: bytes))
    }
  }

  /// Bytes per second; nil as long as too little is known.
  func bytesPerSecond(at now: ContinuousClock.Instant) -> Double? {
    let recent = slices.filter { now - $0.start <= Self.window }
    guard let start = recent.first?.start, now - start >= .milliseconds(500) else { return nil }
    return Double(recent.reduce(0) { $0 + $1.bytes }) / ((now - start) / .seconds(1))
  }
}
