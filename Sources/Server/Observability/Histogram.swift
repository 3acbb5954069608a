import CoreMetrics
import Synchronization

/// The upper bounds of a histogram's buckets; the last bucket, without a bound, is implied.
struct HistogramBuckets: Sendable {
  /// Ascending upper bounds, each included in its bucket.
  let bounds: [Double]

  /// Half a millisecond to five minutes, in seconds: a manifest from memory to a large layer over a slow line.
  static let seconds = Self(bounds: [
    0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300,
  ])

  /// Powers of four from one to about a billion: counts and sizes in bytes.
  static let magnitudes = Self(bounds: (0...15).map { Double(1 << (2 * $0)) })
}

/// A count of values by bucket and their sum, without locks.
///
/// A reading taken during a `record` may have the value in its bucket and not yet in the sum; the next one has both.
final class Histogram: Sendable {
  private final class Bucket: Sendable {
    let count = Atomic<Int>(0)
  }

  let buckets: HistogramBuckets
  private let counts: [Bucket]
  private let sum = AtomicDouble()

  init(buckets: HistogramBuckets) {
    self.buckets = buckets
    counts = (0...buckets.bounds.count).map { _ in Bucket() }
  }

  func observe(_ value: Double) {
    let index = buckets.bounds.firstIndex { value <= $0 } ?? buckets.bounds.count
    counts[index].count.wrappingAdd(1, ordering: .relaxed)
    sum.add(value)
  }

  /// The number of values up to each bound and, last, of all values; and the sum of the values.
  func reading() -> (cumulative: [Int], sum: Double) {
    var total = 0
    let cumulative = counts.map { bucket in
      total += bucket.count.load(ordering: .relaxed)
      return total
    }
    return (cumulative, sum.value)
  }
}

extension Histogram: RecorderHandler {
  func record(_ value: Int64) { observe(Double(value)) }
  func record(_ value: Double) { observe(value) }
}

extension Histogram: TimerHandler {
  /// Times are kept in seconds, the base unit of Prometheus.
  func recordNanoseconds(_ duration: Int64) { observe(Double(duration) / 1e9) }
}
