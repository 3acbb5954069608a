import CoreMetrics
import Synchronization

/// A whole number that grows.
final class PrometheusCounter: CounterHandler {
  private let count = Atomic<Int64>(0)

  var value: Int64 { count.load(ordering: .relaxed) }

  func increment(by amount: Int64) { count.wrappingAdd(amount, ordering: .relaxed) }
  func reset() { count.store(0, ordering: .relaxed) }
}

/// A floating-point number that grows.
final class PrometheusFloatingPointCounter: FloatingPointCounterHandler {
  private let sum = AtomicDouble()

  var value: Double { sum.value }

  func increment(by amount: Double) { sum.add(amount) }
  func reset() { sum.value = 0 }
}

/// A number that goes up and down; a recorder that does not aggregate is one too, because only its last value counts.
final class PrometheusGauge: MeterHandler, RecorderHandler {
  private let current = AtomicDouble()

  var value: Double { current.value }

  func set(_ value: Int64) { current.value = Double(value) }
  func set(_ value: Double) { current.value = value }
  func increment(by amount: Double) { current.add(amount) }
  func decrement(by amount: Double) { current.add(-amount) }
  func record(_ value: Int64) { set(value) }
  func record(_ value: Double) { set(value) }
}
