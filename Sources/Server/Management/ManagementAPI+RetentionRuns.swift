import Access
import Catalog
import HTTPTypes
import NIOCore
import OCI
import Registry
import Retention

extension ManagementAPI {
  private var retention: RetentionRunner { RetentionRunner(registry, catalog) }

  /// `GET` and `POST /api/v1/retention/runs`.
  func retentionRuns(_ call: Call) async throws(RegistryError) -> Answer {
    call.method == .post ? try await planRetention(call) : try await listRetentionRuns(call)
  }

  private func listRetentionRuns(_ call: Call) async throws(RegistryError) -> Answer {
    let limit = try limit(call)
    let (caller, control) = (call.caller, gate.control)
    var before: Int64?
    if let text = call.query["before"] {
      guard let id = Int64(text), id > 0 else {
        throw RegistryError(.unsupported, "before is the id of a run", status: 400)
      }
      before = id
    }
    let runs: [RetentionRun]
    do {
      runs = try await catalog.retentionRuns(
        where: { control?.mayAdminister($0, caller) ?? true }, before: before, limit: limit + 1)
    } catch {
      throw RegistryError(error)
    }
    var answer = Answer.json(JSONText.array(runs.prefix(limit).map { JSONText.object($0.members) }))
    if runs.count > limit { answer.fields[.link] = Self.link(call, "before=\(runs[limit - 1].id)", limit) }
    return answer
  }

  private func planRetention(_ call: Call) async throws(RegistryError) -> Answer {
    let scope = try call.query["scope"].map { text throws(RegistryError) in try self.scope(text) } ?? .registry
    try requireAdministration(of: scope, call, to: "plan what goes from \(scope)")
    let showsAll: Bool
    switch call.query["all"] {
    case "true", "": showsAll = true
    case nil, "false": showsAll = false
    case .some(let other): throw RegistryError(.unsupported, "all takes true or false, not \(other)", status: 400)
    }
    let (retention, actor) = (retention, call.caller.actor)
    return Self.lines { lines in
      let run = try await retention.begin(scope, by: actor)
      try await lines.write([("run", String(run.id)), ("scope", JSONText.string(scope.description))])
      var repositories = 0
      let totals = try await retention.plan(run) { step in
        switch step {
        case .planned(let planned):
          repositories += 1
          try await RetentionPlanLines(planned, showsAll: showsAll).write(to: lines)
        case .failed(let repository, let reason):
          try await lines.write([
            ("repository", JSONText.string(repository.value)), ("fault", JSONText.string(reason)),
          ])
        }
      }
      try await lines.write(
        [("done", "true"), ("run", String(run.id)), ("repositories", String(repositories))] + totals.members)
    }
  }

  /// `GET /api/v1/retention/runs/{id}`.
  func retentionRun(_ id: Int64, _ call: Call) async throws(RegistryError) -> Answer {
    let run = try await knownRun(id, call)
    let parts: [RetentionPart]
    do {
      parts = try await allParts(of: id)
    } catch {
      throw RegistryError(error)
    }
    return .json(
      JSONText.object(run.members + [("repositories", JSONText.array(parts.map { JSONText.object($0.members) }))]))
  }

  private func allParts(of run: Int64) async throws(CatalogError) -> [RetentionPart] {
    var parts: [RetentionPart] = []
    while true {
      let page = try await catalog.retentionParts(of: run, after: parts.last?.id, limit: 1000)
      parts += page
      if page.count < 1000 { return parts }
    }
  }

  /// `POST /api/v1/retention/runs/{id}/application`.
  func applyRetention(_ id: Int64, _ call: Call) async throws(RegistryError) -> Answer {
    let run = try await knownRun(id, call)
    try requireAdministration(of: run.scope, call, to: "apply the retention run \(id)")
    guard run.isPlanned else {
      throw RegistryError(.denied, RetentionRefusal.noPlan(id).description, status: 409)
    }
    guard run.undone == nil else {
      throw RegistryError(.denied, RetentionRefusal.undone(id).description, status: 409)
    }
    let (retention, actor) = (retention, call.caller.actor)
    return Self.lines { lines in
      var looked = 0
      try await retention.apply(id, by: actor) { count in
        looked += count
        try await lines.write([("looked", String(looked))])
        try await lines.flush()
      }
      try await lines.write([("done", "true"), ("run", String(id))] + Self.outcome(try await allParts(of: id)))
    }
  }

  /// `POST /api/v1/retention/runs/{id}/undoing`.
  func undoRetention(_ id: Int64, _ call: Call) async throws(RegistryError) -> Answer {
    let run = try await knownRun(id, call)
    try requireAdministration(of: run.scope, call, to: "undo the retention run \(id)")
    guard run.applied != nil else {
      throw RegistryError(.denied, RetentionRefusal.notApplied(id).description, status: 409)
    }
    let (retention, actor) = (retention, call.caller.actor)
    return Self.lines { lines in
      var looked = 0
      try await retention.undo(id, by: actor) { count in
        looked += count
        try await lines.write([("looked", String(looked))])
        try await lines.flush()
      }
      try await lines.write([("done", "true"), ("run", String(id))] + Self.outcome(try await allParts(of: id)))
    }
  }

  /// What became of a run in all of its repositories.
  private static func outcome(_ parts: [RetentionPart]) -> [(String, String)] {
    func sum(_ number: KeyPath<RetentionPart, Int>) -> String { String(parts.reduce(0) { $0 + $1[keyPath: number] }) }
    let left = parts.reduce(into: [LeftReason: Int]()) { $0.merge($1.left, uniquingKeysWith: +) }
    return [
      ("removedTags", sum(\.removedTags)), ("removedManifests", sum(\.removedManifests)),
      ("restoredTags", sum(\.restoredTags)), ("restoredManifests", sum(\.restoredManifests)), ("left", left.json),
    ]
  }

  /// A run that the caller may see.
  private func knownRun(_ id: Int64, _ call: Call) async throws(RegistryError) -> RetentionRun {
    let run: RetentionRun?
    do {
      run = try await catalog.retentionRun(id)
    } catch {
      throw RegistryError(error)
    }
    guard let run, gate.control?.mayAdminister(run.scope, call.caller) ?? true else {
      throw RegistryError(
        .nameUnknown, "there is no retention run \(id), or you may not see it; `berth retention runs` lists them")
    }
    return run
  }

  /// An answer of JSON lines, the last of them with `done` or an error.
  static func lines(_ produce: @escaping @Sendable (JSONLines) async throws -> Void) -> Answer {
    let body = Answer.Body.stream { write in
      try await withoutActuallyEscaping(write) { write in
        let lines = JSONLines(write)
        do {
          try await produce(lines)
        } catch let error as CatalogError {
          try await lines.write(line: RegistryError(error).json)
        } catch let error as RegistryError {
          try await lines.write(line: error.json)
        } catch let error as RetentionRefusal {
          try await lines.write(line: RegistryError(.denied, error.description, status: 409).json)
        }
        try await lines.flush()
      }
    }
    return Answer(.ok, fields: [.contentType: "application/x-ndjson"], body: body)
  }
}

extension RetentionRun {
  fileprivate var members: [(String, String)] {
    var members = [
      ("id", String(id)), ("scope", JSONText.string(scope.description)),
      ("begunAt", JSONText.string(begun.at.rfc3339)), ("begunBy", JSONText.string(begun.by)),
      ("planned", String(isPlanned)),
    ]
    if let applied {
      members += [("appliedAt", JSONText.string(applied.at.rfc3339)), ("appliedBy", JSONText.string(applied.by))]
    }
    if let undone {
      members += [("undoneAt", JSONText.string(undone.at.rfc3339)), ("undoneBy", JSONText.string(undone.by))]
    }
    return members
  }
}

extension RetentionTotals {
  fileprivate var members: [(String, String)] {
    [
      ("tags", String(tags)), ("manifests", String(manifests)), ("blobs", String(blobs)), ("bytes", String(bytes)),
    ]
  }
}

extension RetentionPart {
  fileprivate var members: [(String, String)] {
    var members = [("repository", JSONText.string(repository.value))]
    if let fault { return members + [("fault", JSONText.string(fault))] }
    members += planned.members
    return members + [
      ("removedTags", String(removedTags)), ("removedManifests", String(removedManifests)),
      ("restoredTags", String(restoredTags)), ("restoredManifests", String(restoredManifests)), ("left", left.json),
      ("looked", String(done)),
    ]
  }
}

extension [LeftReason: Int] {
  /// An object with the number of each reason.
  fileprivate var json: String {
    JSONText.object(sorted { $0.key.rawValue < $1.key.rawValue }.map { ($0.key.rawValue, String($0.value)) })
  }
}
