import CoreMetrics
import HTTPTypes
import Testing

@testable import Server

@Suite("Server metrics")
struct ServerMetricsTests {
  private let registry = PrometheusRegistry()

  @Test("count requests by route, method and status, and their bytes and time by route")
  func requests() async throws {
    let metrics = ServerMetrics(registry: registry)
    for _ in 0..<2 {
      metrics.record(
        route: .manifest, method: .get, status: 200, bytesIn: 0, bytesOut: 500, duration: .milliseconds(2))
    }
    metrics.record(route: .upload, method: .patch, status: 202, bytesIn: 70, bytesOut: 0, duration: .seconds(1))
    metrics.connections.increment()
    let text = await registry.render()
    for line in [
      "berth_http_requests_total{method=\"GET\",route=\"manifest\",status=\"200\"} 2",
      "berth_http_requests_total{method=\"PATCH\",route=\"upload\",status=\"202\"} 1",
      "berth_http_bytes_sent_total{route=\"manifest\"} 1000",
      "berth_http_bytes_received_total{route=\"upload\"} 70",
      "berth_http_request_duration_seconds_count{route=\"manifest\"} 2",
      "berth_http_request_duration_seconds_bucket{route=\"upload\",le=\"0.5\"} 0",
      "berth_http_connections 1",
    ] {
      #expect(text.contains("\(line)\n"))
    }
  }

  @Test("have one series for all methods that are not HTTP's own")
  func otherMethods() async throws {
    let metrics = ServerMetrics(registry: registry)
    for word in ["BREW", "get", "PROPFIND"] {
      let method = try #require(HTTPRequest.Method(word))
      metrics.record(route: .unknown, method: method, status: 405, bytesIn: 0, bytesOut: 0, duration: .zero)
    }
    let text = await registry.render()
    #expect(text.contains("berth_http_requests_total{method=\"other\",route=\"unknown\",status=\"405\"} 3\n"))
  }

  @Test("number the routes as the list of all routes does", arguments: RouteName.allCases)
  func routes(route: RouteName) {
    #expect(RouteName.allCases[route.index] == route)
  }
}
