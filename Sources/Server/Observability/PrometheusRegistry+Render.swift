extension PrometheusRegistry {
  /// The media type of what `render` returns.
  public static let contentType = "text/plain; version=0.0.4; charset=utf-8"

  /// Everything in the text exposition format 0.0.4 of Prometheus, families by name and series by labels.
  public func render() async -> String {
    var text = ""
    for (name, help, family) in families() {
      var samples = ""
      for (labels, series) in family.series.sorted(by: { $0.key < $1.key }) {
        await append(series, name: name, labels: labels, to: &samples)
      }
      guard !samples.isEmpty, let kind = family.series.values.first?.kind else { continue }
      if let help {
        text += "# HELP \(name) \(help.replacing("\\", with: "\\\\").replacing("\n", with: "\\n"))\n"
      }
      text += "# TYPE \(name) \(kind)\n\(samples)"
    }
    return text
  }

  private func append(_ series: Series, name: String, labels: PrometheusLabels, to text: inout String) async {
    switch series {
    case .counter(let counter): text += "\(name)\(labels.inBraces()) \(counter.value)\n"
    case .floatingPointCounter(let counter): text += "\(name)\(labels.inBraces()) \(number(counter.value))\n"
    case .gauge(let gauge): text += "\(name)\(labels.inBraces()) \(number(gauge.value))\n"
    case .polled(let poll, _):
      guard let value = await poll() else { return }
      text += "\(name)\(labels.inBraces()) \(number(value))\n"
    case .polledTogether(let poll):
      for sample in await poll() {
        text += "\(name)\(PrometheusLabels(sample.labels).inBraces()) \(number(sample.value))\n"
      }
    case .histogram(let histogram):
      let (cumulative, sum) = histogram.reading()
      let bounds = histogram.buckets.bounds.map(number) + ["+Inf"]
      for (bound, count) in zip(bounds, cumulative) {
        text += "\(name)_bucket\(labels.inBraces(extra: "le=\"\(bound)\"")) \(count)\n"
      }
      text += "\(name)_sum\(labels.inBraces()) \(number(sum))\n"
      text += "\(name)_count\(labels.inBraces()) \(cumulative[cumulative.count - 1])\n"
    }
  }

  private func number(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
    return Int64(exactly: value).map(String.init) ?? "\(value)"
  }
}
