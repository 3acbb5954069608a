internal import GRDB
internal import OCI

extension Database {
  /// Records events, in the order in which they stand, whatever their ids say.
  func record(_ events: [AuditEvent]) throws {
    let rows: [[(any DatabaseValueConvertible)?]] = events.map { event in
      [
        event.at.milliseconds, event.actor.name, event.actor.credential, event.actor.address, event.action.rawValue,
        event.outcome.rawValue, event.repository, event.subject, StringsColumn.encode(event.detail),
      ]
    }
    try ValueRows(rows).forEach { marks, values in
      try run(
        """
        INSERT INTO audit (at, actor, credential, address, action, outcome, repository, subject, detail)
        SELECT * FROM (VALUES \(marks)) AS event WHERE column1 IS NOT NULL
        """, values)
    }
  }
}

/// Who changes something, when, and in which repository, if any: what the events of one transaction have in common.
struct Change {
  let actor: Author
  let now = Timestamp.now
  private let repository: RepositoryName?

  init(by actor: Author, in repository: RepositoryName? = nil) {
    self.actor = actor
    self.repository = repository
  }

  /// That it happened; what is nil in the detail is left out.
  func event(_ action: AuditEvent.Action, _ subject: String, _ detail: [String: String?] = [:]) -> AuditEvent {
    AuditEvent(
      at: now, actor: actor, action: action, outcome: .done, repository: repository?.value, subject: subject,
      detail: detail.compactMapValues { $0 })
  }
}

extension AuditEvent {
  /// What `Row.auditEvent` reads.
  static let columns = "id, at, actor, credential, address, action, outcome, repository, subject, detail"
}

extension Row {
  /// The columns `AuditEvent.columns`.
  func auditEvent() throws -> AuditEvent {
    AuditEvent(
      id: self[0], at: Timestamp(milliseconds: self[1]),
      actor: Author(name: self[2], credential: self[3], address: self[4]), action: try value(at: 5),
      outcome: try value(at: 6), repository: self[7], subject: self[8], detail: try StringsColumn.decode(self[9]))
  }
}
