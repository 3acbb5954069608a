public import Catalog
internal import Locks
internal import OCI

/// What was tried and denied, on its way to the audit trail.
///
/// Attempts cost whoever makes them nothing, so that what they cost the registry is bounded: the same attempt from the
/// same place is one event with a count, and past `capacity` different ones until the next flush only their number is
/// kept.
public final class DenialLog: Sendable {
  private static let capacity = 500

  private struct Attempt: Hashable {
    let actor: Author
    let action: AuditEvent.Action
    let repository: String?
    let subject: String
    let reason: String?
  }

  private struct State {
    var attempts: [Attempt: (first: Timestamp, count: Int)] = [:]
    var further = 0
  }

  private let state = Locked(State())
  private let catalog: any AuditCatalog

  init(catalog: any AuditCatalog) {
    self.catalog = catalog
  }

  /// Notes an attempt.
  public func note(
    _ actor: Author, _ action: AuditEvent.Action, repository: String? = nil, subject: String, reason: String? = nil
  ) {
    let attempt = Attempt(actor: actor, action: action, repository: repository, subject: subject, reason: reason)
    state.withLock { state in
      if let known = state.attempts[attempt] {
        state.attempts[attempt] = (known.first, known.count + 1)
      } else if state.attempts.count < Self.capacity {
        state.attempts[attempt] = (.now, 1)
      } else {
        state.further += 1
      }
    }
  }

  /// Notes that a decision denied something.
  public func note(_ decision: Decision, to caller: Caller) {
    let action: AuditEvent.Action =
      switch decision.action {
      case .pull: .pull
      case .push: .push
      case .delete: .delete
      }
    note(
      caller.actor, action, repository: decision.repository.value, subject: decision.repository.value,
      reason: decision.explanation)
  }

  /// Writes down what was noted.
  func flush() async throws(CatalogError) {
    let noted = state.withLock { state in
      defer { state = State() }
      return state
    }
    var events = noted.attempts.map { attempt, times in
      var detail = ["times": String(times.count)]
      detail["reason"] = attempt.reason
      return AuditEvent(
        at: times.first, actor: attempt.actor, action: attempt.action, outcome: .denied, repository: attempt.repository,
        subject: attempt.subject, detail: detail)
    }
    events.sort { $0.at < $1.at }
    if noted.further > 0 {
      events.append(
        AuditEvent(
          actor: .berth, action: .login, outcome: .denied, subject: "further attempts of many kinds",
          detail: ["times": String(noted.further)]))
    }
    guard !events.isEmpty else { return }
    do {
      try await catalog.record(events)
    } catch {
      putBack(noted)
      throw error
    }
  }

  /// What could not be written down waits for the next time, as far as there is room.
  private func putBack(_ noted: State) {
    state.withLock { state in
      for (attempt, times) in noted.attempts {
        if let known = state.attempts[attempt] {
          state.attempts[attempt] = (times.first, known.count + times.count)
        } else if state.attempts.count < Self.capacity {
          state.attempts[attempt] = times
        } else {
          state.further += times.count
        }
      }
      state.further += noted.further
    }
  }
}
