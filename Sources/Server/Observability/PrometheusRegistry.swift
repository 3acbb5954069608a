public import CoreMetrics
import Locks

/// A swift-metrics backend that renders what it holds in the text format of Prometheus.
///
/// It is an ordinary value to pass around, `Counter(label:dimensions:factory:)`, and not bootstrapped for the whole
/// process, so that there can be several. Labels become names with what Prometheus does not allow replaced by `_`; a
/// name belongs to one kind of metric, and asking for another kind under it is a programming error that ends the process.
public final class PrometheusRegistry: MetricsFactory {
  /// A value that is asked for when metrics are rendered; nil leaves the series out.
  public typealias Poll = @Sendable () async -> Double?

  /// The values of one gauge that are asked for when metrics are rendered, each with its labels.
  public typealias PollTogether = @Sendable () async -> [(labels: [(String, String)], value: Double)]

  enum Series: Sendable {
    case counter(PrometheusCounter)
    case floatingPointCounter(PrometheusFloatingPointCounter)
    case gauge(PrometheusGauge)
    case histogram(Histogram)
    case polled(Poll, isCounter: Bool)
    case polledTogether(PollTogether)

    var kind: String {
      switch self {
      case .counter, .floatingPointCounter, .polled(_, isCounter: true): "counter"
      case .gauge, .polled, .polledTogether: "gauge"
      case .histogram: "histogram"
      }
    }
  }

  struct Family: Sendable {
    var series: [PrometheusLabels: Series] = [:]
  }

  private struct Contents: Sendable {
    var families: [String: Family] = [:]
    var help: [String: String] = [:]
  }

  private let contents = Locked(Contents())

  /// A registry without metrics.
  public init() {}

  /// Sets the help text of a metric, which may be made later.
  public func describe(_ name: String, _ help: String) {
    contents.withLock { $0.help[PrometheusName.metric(name)] = help }
  }

  /// Makes a gauge, or a counter, whose value is asked for each time metrics are rendered. A later one with the same
  /// name and labels takes its place.
  public func poll(
    _ name: String, help: String, labels: [(String, String)] = [], isCounter: Bool = false, _ value: @escaping Poll
  ) {
    describe(name, help)
    contents.withLock { contents in
      contents.families[PrometheusName.metric(name), default: Family()].series[PrometheusLabels(labels)] = .polled(
        value, isCounter: isCounter)
    }
  }

  /// Makes a gauge whose labels, too, are asked for each time metrics are rendered.
  public func pollTogether(_ name: String, help: String, _ values: @escaping PollTogether) {
    describe(name, help)
    contents.withLock { contents in
      contents.families[PrometheusName.metric(name), default: Family()].series[PrometheusLabels([])] =
        .polledTogether(values)
    }
  }

  /// Every family with its help, by name.
  func families() -> [(name: String, help: String?, family: Family)] {
    contents.withLock { contents in
      contents.families.sorted { $0.key < $1.key }.map { ($0.key, contents.help[$0.key], $0.value) }
    }
  }

  /// The handler of a series: the one that is there already, or a new one.
  private func series<Handler>(
    _ label: String, _ dimensions: [(String, String)], make: () -> Series, handler: (Series) -> Handler?
  ) -> Handler {
    let name = PrometheusName.metric(label)
    let labels = PrometheusLabels(dimensions)
    return contents.withLock { contents in
      let family = contents.families[name, default: Family()]
      let series = family.series[labels] ?? make()
      guard let handler = handler(series), family.series.values.allSatisfy({ $0.kind == series.kind }) else {
        preconditionFailure("the metric \(name) exists with another kind")
      }
      contents.families[name, default: Family()].series[labels] = series
      return handler
    }
  }

  private func remove(_ isRemoved: (Series) -> Bool) {
    contents.withLock { contents in
      for (name, family) in contents.families {
        for (labels, series) in family.series where isRemoved(series) {
          contents.families[name]?.series[labels] = nil
        }
        if contents.families[name]?.series.isEmpty == true { contents.families[name] = nil }
      }
    }
  }
}

extension PrometheusRegistry {
  /// Makes a counter of whole numbers.
  public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
    series(label, dimensions, make: { .counter(PrometheusCounter()) }) { series in
      if case .counter(let handler) = series { handler } else { nil }
    }
  }

  /// Makes a counter of floating-point numbers.
  public func makeFloatingPointCounter(
    label: String, dimensions: [(String, String)]
  ) -> any FloatingPointCounterHandler {
    series(label, dimensions, make: { .floatingPointCounter(PrometheusFloatingPointCounter()) }) { series in
      if case .floatingPointCounter(let handler) = series { handler } else { nil }
    }
  }

  /// Makes a gauge.
  public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
    gauge(label, dimensions)
  }

  /// Makes a histogram with buckets at the powers of four when it aggregates, else a gauge.
  public func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
    aggregate ? histogram(label, dimensions, .magnitudes) : gauge(label, dimensions)
  }

  /// Makes a histogram of seconds.
  public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
    histogram(label, dimensions, .seconds)
  }

  private func gauge(_ label: String, _ dimensions: [(String, String)]) -> PrometheusGauge {
    series(label, dimensions, make: { .gauge(PrometheusGauge()) }) { series in
      if case .gauge(let handler) = series { handler } else { nil }
    }
  }

  private func histogram(
    _ label: String, _ dimensions: [(String, String)], _ buckets: HistogramBuckets
  ) -> Histogram {
    series(label, dimensions, make: { .histogram(Histogram(buckets: buckets)) }) { series in
      if case .histogram(let handler) = series { handler } else { nil }
    }
  }
}

extension PrometheusRegistry {
  /// Forgets a counter.
  public func destroyCounter(_ handler: any CounterHandler) { forget(handler) }

  /// Forgets a counter of floating-point numbers.
  public func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) { forget(handler) }

  /// Forgets a gauge.
  public func destroyMeter(_ handler: any MeterHandler) { forget(handler) }

  /// Forgets a recorder.
  public func destroyRecorder(_ handler: any RecorderHandler) { forget(handler) }

  /// Forgets a timer.
  public func destroyTimer(_ handler: any TimerHandler) { forget(handler) }

  private func forget(_ handler: AnyObject) {
    remove { series in
      switch series {
      case .counter(let own): own === handler
      case .floatingPointCounter(let own): own === handler
      case .gauge(let own): own === handler
      case .histogram(let own): own === handler
      case .polled, .polledTogether: false
      }
    }
  }
}
