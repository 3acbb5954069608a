import Catalog
import HTTPTypes
import NIOCore
import OCI
import Registry

/// The API behind the commands that act on a running server, `/api/v1`.
struct ManagementAPI: Sendable {
  let collector: Collector

  /// `POST /api/v1/collections`: a collection now, or with `dry-run=true` what it would take.
  ///
  /// The answer is a line of JSON for each step, the last of them with `"done": true`.
  func collect(_ call: Call) async throws(RegistryError) -> Answer {
    var policy = collector.policy
    if let text = call.query["grace"] {
      do {
        policy.grace = try Duration(parsing: text)
      } catch {
        throw RegistryError(.unsupported, "grace: \(error.message)", status: 400)
      }
    }
    switch call.query["dry-run"] {
    case "true", "": return .json(Self.json(try await collector.forecast(policy)))
    case nil, "false": return collection(policy)
    case .some(let other):
      throw RegistryError(.unsupported, "dry-run takes true or false, not \(other)", status: 400)
    }
  }

  private func collection(_ policy: Collector.Policy) -> Answer {
    let body = Answer.Body.stream { write in
      let steps = AsyncStream.makeStream(of: Collector.Report.self, bufferingPolicy: .bufferingNewest(1))
      async let outcome = outcome(policy, steps.continuation)
      for await step in steps.stream { try await write(ByteBuffer(string: Self.json(step) + "\n")) }
      switch await outcome {
      case .success(let report): try await write(ByteBuffer(string: Self.json(report, done: true) + "\n"))
      case .failure(let error): try await write(ByteBuffer(string: error.json + "\n"))
      }
    }
    return Answer(.ok, fields: [.contentType: "application/x-ndjson"], body: body)
  }

  private func outcome(
    _ policy: Collector.Policy, _ steps: AsyncStream<Collector.Report>.Continuation
  ) async -> Result<Collector.Report, RegistryError> {
    defer { steps.finish() }
    do throws(RegistryError) {
      return .success(try await collector.collect(policy) { steps.yield($0) })
    } catch {
      return .failure(error)
    }
  }

  private static func json(_ report: Collector.Report, done: Bool = false) -> String {
    var members = [
      ("uploads", String(report.uploads)),
      ("manifests", String(report.manifests)),
      ("links", String(report.links)),
      ("blobs", String(report.blobs)),
      ("bytes", String(report.bytes)),
    ]
    if done { members.append(("done", "true")) }
    return JSONText.object(members)
  }

  private static func json(_ forecast: CollectionForecast) -> String {
    JSONText.object([
      (
        "manifests",
        JSONText.array(
          forecast.manifests.map {
            JSONText.object([
              ("repository", JSONText.string($0.repository.value)),
              ("digest", JSONText.string($0.digest.description)),
            ])
          })
      ),
      (
        "blobs",
        JSONText.array(
          forecast.blobs.map {
            JSONText.object([("digest", JSONText.string($0.digest.description)), ("size", String($0.size))])
          })
      ),
      ("bytes", String(forecast.blobs.reduce(0) { $0 + $1.size })),
    ])
  }
}
