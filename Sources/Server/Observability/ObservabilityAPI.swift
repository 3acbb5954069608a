import Catalog
import HTTPTypes
import NIOCore
import OCI

/// What those who run a server ask it: `/healthz`, `/readyz` and `/metrics`.
struct ObservabilityAPI: Sendable {
  let catalog: any Catalog
  let prometheus: PrometheusRegistry

  /// Whether the process answers.
  func health() -> Answer {
    .json(JSONText.object([("status", JSONText.string("ok"))]))
  }

  /// Whether the server can do its work: its catalogue can be read and written.
  func readiness() async -> Answer {
    do {
      try await catalog.check()
      return .json(JSONText.object([("status", JSONText.string("ready"))]))
    } catch {
      return .error(RegistryError(.unavailable, "the catalogue does not work: \(error)"))
    }
  }

  /// All metrics, in Prometheus' text format.
  func metrics() async -> Answer {
    var answer = Answer(.ok, body: .bytes(ByteBuffer(string: await prometheus.render())))
    answer.fields[.contentType] = PrometheusRegistry.contentType
    return answer
  }
}
