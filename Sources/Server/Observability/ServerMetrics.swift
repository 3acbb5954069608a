public import CoreMetrics
public import HTTPTypes
import Locks

/// The metrics of the HTTP server, resolved so that a request makes no labels and hashes no strings.
public final class ServerMetrics: Sendable {
  /// Connections that are open.
  public let connections: Meter

  private let factory: any MetricsFactory
  private let durations: [Timer]
  private let bytesReceived: [Counter]
  private let bytesSent: [Counter]
  /// By route, method and status, made when a combination is first seen: there are few of the many that could be.
  private let requests = Locked<[Int: Counter]>([:])

  /// Makes the metrics in `registry`.
  public init(registry: PrometheusRegistry) {
    factory = registry
    connections = Meter(label: "berth_http_connections", factory: registry)
    bytesReceived = Self.counters("berth_http_bytes_received_total", in: registry)
    bytesSent = Self.counters("berth_http_bytes_sent_total", in: registry)
    durations = RouteName.allCases.map {
      Timer(label: "berth_http_request_duration_seconds", dimensions: [("route", $0.rawValue)], factory: registry)
    }
    registry.describe("berth_http_requests_total", "Requests that were answered, by route, method and status.")
    registry.describe("berth_http_request_duration_seconds", "Time from a request's head to the end of its response.")
    registry.describe("berth_http_bytes_received_total", "Bytes of request bodies.")
    registry.describe("berth_http_bytes_sent_total", "Bytes of response bodies.")
    registry.describe("berth_http_connections", "Connections that are open.")
  }

  /// A counter for each route.
  private static func counters(_ label: String, in registry: PrometheusRegistry) -> [Counter] {
    RouteName.allCases.map { Counter(label: label, dimensions: [("route", $0.rawValue)], factory: registry) }
  }

  /// Counts a request that was answered.
  ///
  /// - Parameters:
  ///   - route: What it was for.
  ///   - method: Its method; any that is not one of HTTP's own counts as `other`.
  ///   - status: The status that was answered.
  ///   - bytesIn: Bytes of its body that were read.
  ///   - bytesOut: Bytes of the response's body that were sent.
  ///   - duration: From its head to the end of the response.
  public func record(
    route: RouteName, method: HTTPRequest.Method, status: Int, bytesIn: Int, bytesOut: Int, duration: Duration
  ) {
    let index = route.index
    request(route: route, method: MethodName(method), status: status).increment()
    durations[index].recordNanoseconds(duration.nanoseconds)
    if bytesIn > 0 { bytesReceived[index].increment(by: bytesIn) }
    if bytesOut > 0 { bytesSent[index].increment(by: bytesOut) }
  }

  private func request(route: RouteName, method: MethodName, status: Int) -> Counter {
    let key = (route.index * MethodName.allCases.count + method.rawValue) * 1_000 + min(max(status, 0), 999)
    return requests.withLock { requests in
      if let counter = requests[key] { return counter }
      let counter = Counter(
        label: "berth_http_requests_total",
        dimensions: [("route", route.rawValue), ("method", method.label), ("status", String(status))],
        factory: factory)
      requests[key] = counter
      return counter
    }
  }
}

extension Duration {
  /// The whole nanoseconds, at most 292 years.
  fileprivate var nanoseconds: Int64 {
    let (seconds, attoseconds) = components
    let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    return overflow ? .max : product + attoseconds / 1_000_000_000
  }
}
