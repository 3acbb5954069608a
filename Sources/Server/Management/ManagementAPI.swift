import Access
import Catalog
import HTTPTypes
import NIOCore
import OCI
import Registry

/// The API behind the commands that act on a running server, `/api/v1`.
struct ManagementAPI: Sendable {
  let registry: Registry
  let mirror: MirroredRegistry
  /// Nil where nothing is replicated.
  let replication: Replication?
  let webhooks: WebhookParts
  let collector: Collector
  let catalog: any Catalog
  let gate: AccessGate

  func answer(_ call: Call, to route: ManagementRoute) async throws(RegistryError) -> Answer {
    switch route {
    case .identity: return identity(call.caller.identity)
    case .openAPI: return .json(OpenAPI.document)
    case .collections: return try await collect(call)
    case .audit: return try await auditEvents(call)
    case .replication: return try await replicationStatus()
    case .replicationJobs(let rule): return try await replicationJobs(of: rule, call)
    case .replicationRuns(let rule): return try await runReplication(of: rule, call)
    case .replicationDifferences(let rule): return try replicationDifferences(of: rule)
    case .rules: return try await rules(call, route)
    case .rule(let name): return try await rule(name, call)
    case .protection: return try await protection(call)
    case .holds: return try await holds(call, route)
    case .history: return try await history(call)
    case .resolution: return try await resolve(call)
    case .rollbacks: return try await rollBack(call, route)
    case .promotions: return try await promote(call, route)
    case .trash: return try await emptyTrash(call)
    case .trashedManifests: return try await trashedManifests(call)
    case .trashedTags: return try await trashedTags(call)
    case .trashWindow(let owner): return try await trashWindow(of: owner, call, route)
    case .restorations: return try await restore(call, route)
    case .retentionPolicies: return try await retentionPolicies(call, route)
    case .retentionRuns: return try await retentionRuns(call)
    case .retentionRun(let id): return try await retentionRun(id, call)
    case .retentionApplication(let id): return try await applyRetention(id, call)
    case .retentionUndoing(let id): return try await undoRetention(id, call)
    case .usage: return try await usage(call)
    case .why: return try await why(call)
    case .quotas: return try await quotas(call, route)
    case .webhooks: return try await webhooks(call, route)
    case .webhook(let id): return try await webhook(id, call, route)
    case .webhookPings(let id): return try await pingWebhook(id, call)
    case .webhookDeliveries(let id): return try await webhookDeliveries(of: id, call)
    case .webhookDelivery(let id, let delivery): return try await webhookDelivery(delivery, of: id, call)
    case .webhookRedeliveries(let id, let delivery): return try await redeliver(delivery, of: id, call)
    case .users: return try await accounts(.user, call, route, try control)
    case .organizations: return try await accounts(.organization, call, route, try control)
    case .user(let name): return try await account(name, .user, call, route, try control)
    case .organization(let name): return try await account(name, .organization, call, route, try control)
    case .members(let organization): return try await members(of: organization, call, try control)
    case .member(let organization, let user): return try await member(user, of: organization, call, route, try control)
    case .tokens: return try await tokens(call, route, try control)
    case .token(let id): return try await revoke(id, call, try control)
    case .repositories:
      return call.method == .post
        ? try await createRepository(call, route, try control) : try await listRepositories(call)
    case .repository(let name): return try await repository(name, call, route, try control)
    case .authorization: return try await explain(call, try control)
    }
  }

  /// Who may do what.
  ///
  /// - Throws: `.unsupported` where access is open, and there is nobody.
  private var control: AccessControl {
    get throws(RegistryError) {
      guard let control = gate.control else {
        throw RegistryError(
          .unsupported,
          "access to this registry is open: accounts, tokens and visibility are there with `serve --access accounts`",
          status: 409)
      }
      return control
    }
  }

  /// The body of a request, as the operation has it.
  func body(of call: Call, _ route: ManagementRoute) async throws(RegistryError) -> ManagementBody {
    guard let schema = Operation.of(call.method, route)?.body else {
      preconditionFailure("only operations with a body read one")
    }
    return try ManagementBody(try await call.body.collect(upTo: Self.maximumBody, said: "the body"), as: schema)
  }

  /// The largest body, in bytes.
  private static let maximumBody = 64 << 10

  /// How many elements a page has.
  func limit(_ call: Call) throws(RegistryError) -> Int {
    guard let text = call.query["n"] else { return 100 }
    guard let count = Int(text), (1...1000).contains(count) else {
      throw RegistryError(.paginationNumberInvalid, "n is from 1 to 1000")
    }
    return count
  }

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
