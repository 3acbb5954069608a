import Access
import Catalog
import HTTPTypes
import NIOCore
import OCI
import Registry

extension ManagementAPI {
  /// `GET /api/v1/replication`.
  func replicationStatus() async throws(RegistryError) -> Answer {
    .json(JSONText.array(try await configuredReplication.status().map(\.json)))
  }

  /// `GET /api/v1/replication/<rule>/jobs`.
  func replicationJobs(of rule: ReplicationRuleName, _ call: Call) async throws(RegistryError) -> Answer {
    let limit = try limit(call)
    var last: Int64?
    if let text = call.query["after"] {
      guard let id = Int64(text), id > 0 else {
        throw RegistryError(.unsupported, "after is the id of a job", status: 400)
      }
      last = id
    }
    let page = try await configuredReplication.jobs(of: rule, after: last, limit: limit)
    var answer = Answer.json(JSONText.array(page.elements.map(\.json)))
    if page.hasMore, let last = page.elements.last { answer.fields[.link] = Self.link(call, "after=\(last.id)", limit) }
    return answer
  }

  /// `POST /api/v1/replication/<rule>/runs`.
  func runReplication(of rule: ReplicationRuleName, _ call: Call) async throws(RegistryError) -> Answer {
    try await configuredReplication.request(rule, by: call.caller.actor)
    return Answer(.accepted)
  }

  /// `GET /api/v1/replication/<rule>/differences`: compares now.
  ///
  /// The answer is a line of JSON for each difference, the last line with `"done": true`, or the error that ended it.
  func replicationDifferences(of name: ReplicationRuleName) throws(RegistryError) -> Answer {
    let replication = try configuredReplication
    let rule = try replication.rule(name)
    let body = Answer.Body.stream { write in
      var differing = 0
      let outcome: Result<Int, any Error>
      do {
        outcome = .success(
          try await replication.compare(rule) { differences in
            differing += differences.count
            try await write(ByteBuffer(string: differences.map { $0.json + "\n" }.joined()))
          })
      } catch {
        outcome = .failure(error)
      }
      let last =
        switch outcome {
        case .success(let compared):
          JSONText.object([("done", "true"), ("compared", String(compared)), ("differences", String(differing))])
        case .failure(let error):
          RegistryError(.unavailable, "the comparison ended early: \(error)").json
        }
      try await write(ByteBuffer(string: last + "\n"))
    }
    return Answer(.ok, fields: [.contentType: "application/x-ndjson"], body: body)
  }

  private var configuredReplication: Replication {
    get throws(RegistryError) {
      if let replication { return replication }
      throw RegistryError(
        .unsupported, "this registry replicates nothing: the setting replication names a file of rules", status: 409)
    }
  }
}

extension ReplicationStatus {
  fileprivate var json: String {
    var members = [
      ("rule", JSONText.string(rule.name.value)), ("target", JSONText.string(rule.target)),
      ("pending", String(backlog?.pending ?? 0)), ("failing", String(backlog?.failing ?? 0)),
    ]
    if let oldest = backlog?.oldest { members.append(("oldestQueuedAt", JSONText.string(oldest.rfc3339))) }
    members += [
      ("copied", String(totals.copies)), ("copiedBytes", String(totals.bytes)), ("deleted", String(totals.deletions)),
      ("failures", String(totals.failures)), ("reconciling", isReconciling ? "true" : "false"),
    ]
    if let reconciledAt { members.append(("reconciledAt", JSONText.string(reconciledAt.rfc3339))) }
    if let targetFailure { members.append(("targetFailure", JSONText.string(targetFailure))) }
    return JSONText.object(members)
  }
}

extension ReplicationJob {
  fileprivate var json: String {
    var members = [
      ("id", String(id)), ("repository", JSONText.string(wanted.repository.value)),
      ("reference", JSONText.string(wanted.reference.description)), ("queuedAt", JSONText.string(queuedAt.rfc3339)),
      ("attempts", String(attempts)),
    ]
    if let nextAttemptAt { members.append(("nextAttemptAt", JSONText.string(nextAttemptAt.rfc3339))) }
    if let lastError { members.append(("lastError", JSONText.string(lastError))) }
    return JSONText.object(members)
  }
}

extension ReplicationDifference {
  fileprivate var json: String {
    var members = [
      ("difference", JSONText.string(kind.rawValue)), ("repository", JSONText.string(repository.value)),
      ("reference", JSONText.string(reference.description)),
    ]
    if let source { members.append(("source", JSONText.string(source.description))) }
    if let target { members.append(("target", JSONText.string(target.description))) }
    return JSONText.object(members)
  }
}
