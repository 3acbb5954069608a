import Access
import Catalog
import HTTPTypes
import OCI
import Registry

extension ManagementAPI {
  /// `GET /api/v1/audit`.
  func auditEvents(_ call: Call) async throws(RegistryError) -> Answer {
    let limit = try limit(call)
    var query = AuditQuery(limit: limit + 1)
    query.repository = call.query["repository"]
    query.actor = call.query["actor"]
    if let text = call.query["outcome"] {
      guard let outcome = AuditEvent.Outcome(rawValue: text) else {
        throw RegistryError(.unsupported, "outcome is done or denied", status: 400)
      }
      query.outcome = outcome
    }
    query.since = try moment("since", call)
    query.until = try moment("until", call)
    if let text = call.query["before"] {
      guard let id = Int64(text), id > 0 else {
        throw RegistryError(.unsupported, "before is the id of an event", status: 400)
      }
      query.before = id
    }
    let wanted = query
    if let control = gate.control {
      try await allowing { () throws(AccessError) in
        try control.requireAudit(wanted, call.caller)
        try await control.flush()
      }
    }
    let events: [AuditEvent]
    do {
      events = try await catalog.auditEvents(wanted)
    } catch {
      throw RegistryError(error)
    }
    var answer = Answer.json(JSONText.array(events.prefix(limit).map(\.json)))
    if events.count > limit { answer.fields[.link] = Self.auditLink(call, after: events[limit - 1].id, limit) }
    return answer
  }

  private static func auditLink(_ call: Call, after id: Int64, _ limit: Int) -> String {
    var query = "before=\(id)"
    for name in ["repository", "actor", "outcome", "since", "until"] {
      if let value = call.query[name] { query += "&\(name)=\(PercentEncoding.encode(value))" }
    }
    return link(call, query, limit)
  }

  func moment(_ name: String, _ call: Call) throws(RegistryError) -> Timestamp? {
    guard let text = call.query[name] else { return nil }
    guard let moment = Timestamp(rfc3339: text) else {
      throw RegistryError(.unsupported, "\(name) is a moment such as 2026-11-20T12:00:00Z", status: 400)
    }
    return moment
  }
}

extension AuditEvent {
  /// The event as a JSON object on one line.
  var json: String {
    var members = [
      ("id", String(id)), ("at", JSONText.string(at.rfc3339)), ("actor", JSONText.string(actor.name)),
    ]
    if let credential = actor.credential { members.append(("credential", JSONText.string(credential))) }
    if let address = actor.address { members.append(("address", JSONText.string(address))) }
    members += [("action", JSONText.string(action.rawValue)), ("outcome", JSONText.string(outcome.rawValue))]
    if let repository { members.append(("repository", JSONText.string(repository))) }
    members += [
      ("subject", JSONText.string(subject)),
      ("detail", JSONText.object(detail.sorted { $0.key < $1.key }.map { ($0.key, JSONText.string($0.value)) })),
    ]
    return JSONText.object(members)
  }
}
