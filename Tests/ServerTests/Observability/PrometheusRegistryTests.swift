import CoreMetrics
import Testing

@testable import Server

@Suite("Prometheus registry")
struct PrometheusRegistryTests {
  private let registry = PrometheusRegistry()

  @Test("renders counters, gauges and polled values with help, type and labels in a stable order")
  func exposition() async {
    registry.describe("b_total", "Counts \\ things\nof two lines.")
    Counter(label: "b_total", dimensions: [("z", "1"), ("a", "x\"y\\z\n")], factory: registry).increment(by: 3)
    Counter(label: "b_total", dimensions: [("a", "b"), ("z", "2")], factory: registry).increment()
    let meter = Meter(label: "a.gauge", factory: registry)
    meter.set(5)
    meter.decrement(by: 1.5)
    FloatingPointCounter(label: "c_total", factory: registry).increment(by: 0.25)
    Gauge(label: "d", factory: registry).record(7)
    registry.poll("e", help: "Asked for.", labels: [("k", "v")]) { 1024 }
    registry.poll("f", help: "Unknown now.") { nil }
    #expect(
      await registry.render() == """
        # TYPE a_gauge gauge
        a_gauge 3.5
        # HELP b_total Counts \\\\ things\\nof two lines.
        # TYPE b_total counter
        b_total{a="b",z="2"} 1
        b_total{a="x\\"y\\\\z\\n",z="1"} 3
        # TYPE c_total counter
        c_total 0.25
        # TYPE d gauge
        d 7
        # HELP e Asked for.
        # TYPE e gauge
        e{k="v"} 1024

        """)
  }

  @Test("renders timers as histograms of seconds whose buckets are cumulative")
  func timers() async {
    let timer = Timer(label: "t_seconds", dimensions: [("r", "x")], factory: registry)
    timer.recordNanoseconds(500_000)
    timer.recordNanoseconds(2_000_000)
    timer.recordSeconds(1_000)
    let text = await registry.render()
    #expect(text.contains("# TYPE t_seconds histogram\n"))
    #expect(text.contains("t_seconds_bucket{r=\"x\",le=\"0.0005\"} 1\n"))
    #expect(text.contains("t_seconds_bucket{r=\"x\",le=\"0.001\"} 1\n"))
    #expect(text.contains("t_seconds_bucket{r=\"x\",le=\"0.0025\"} 2\n"))
    #expect(text.contains("t_seconds_bucket{r=\"x\",le=\"300\"} 2\n"))
    #expect(text.contains("t_seconds_bucket{r=\"x\",le=\"+Inf\"} 3\n"))
    #expect(text.contains("t_seconds_sum{r=\"x\"} 1000.0025\n"))
    #expect(text.contains("t_seconds_count{r=\"x\"} 3\n"))
  }

  @Test("renders recorders as histograms by magnitude")
  func recorders() async {
    Recorder(label: "size", factory: registry).record(5)
    let text = await registry.render()
    #expect(text.contains("size_bucket{le=\"4\"} 0\nsize_bucket{le=\"16\"} 1\n"))
  }

  @Test("gives the same series to everybody who asks for it, and forgets it when it is destroyed")
  func identity() async {
    let first = Counter(label: "n_total", dimensions: [("a", "1"), ("b", "2")], factory: registry)
    let second = Counter(label: "n_total", dimensions: [("b", "2"), ("a", "1")], factory: registry)
    first.increment()
    second.increment()
    #expect(await registry.render().contains("n_total{a=\"1\",b=\"2\"} 2\n"))
    first.destroy()
    #expect(await registry.render() == "")
  }

  @Test(
    "makes names that Prometheus allows",
    arguments: [("a.b-c", "a_b_c"), ("9x", "_9x"), ("", "_"), ("é", "_"), ("ns:x", "ns:x")])
  func names(name: String, expected: String) {
    #expect(PrometheusName.metric(name) == expected)
  }

  @Test("loses no count when many threads count at once")
  func concurrency() async {
    let counter = Counter(label: "n_total", factory: registry)
    let recorder = Recorder(label: "r", factory: registry)
    await withTaskGroup { group in
      for _ in 0..<8 {
        group.addTask {
          for _ in 0..<10_000 {
            counter.increment()
            recorder.record(2)
          }
        }
      }
    }
    let text = await registry.render()
    #expect(text.contains("n_total 80000\n"))
    #expect(text.contains("r_sum 160000\n"))
    #expect(text.contains("r_count 80000\n"))
  }
}
