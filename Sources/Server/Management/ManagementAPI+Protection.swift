import Access
import Catalog
import HTTPTypes
import OCI
import Registry

extension ManagementAPI {
  // MARK: Rules

  /// `GET` and `POST /api/v1/protection-rules`.
  func rules(_ call: Call, _ route: ManagementRoute) async throws(RegistryError) -> Answer {
    if call.method == .post { return try await addRule(call, route) }
    if call.query["repository"] != nil {
      let repository = try await readableRepository(call.query["repository"], call)
      return .json(
        JSONText.array(
          try await cataloguing { () throws(CatalogError) in try await catalog.rules(in: repository) }.map(\.json)))
    }
    let limit = try limit(call)
    let (caller, control) = (call.caller, gate.control)
    let rules = try await cataloguing { () throws(CatalogError) in
      try await catalog.rules(
        where: { control?.maySeeProtection(of: $0.owner, caller) ?? true }, after: call.query["last"], limit: limit + 1)
    }
    var answer = Answer.json(JSONText.array(rules.prefix(limit).map(\.json)))
    if rules.count > limit { answer.fields[.link] = Self.link(call, "last=\(rules[limit - 1].name)", limit) }
    return answer
  }

  private func addRule(_ call: Call, _ route: ManagementRoute) async throws(RegistryError) -> Answer {
    let body = try await body(of: call, route)
    let new = try Self.newRule(body)
    try require(new.repositories.owner, call, to: "make a rule for \(new.repositories)")
    let made = try await cataloguing { () throws(CatalogError) in try await catalog.addRule(new, by: call.caller.actor)
    }
    guard let made else {
      throw RegistryError(
        .denied, "there is a rule \(new.name) already: take it away first, or choose another name", status: 409)
    }
    return .json(made.json, status: .created)
  }

  private static func newRule(_ body: ManagementBody) throws(RegistryError) -> NewProtectionRule {
    do {
      return NewProtectionRule(
        name: try RuleName(parsing: body.string("name") ?? ""),
        repositories: try RepositoryPattern(parsing: body.string("repositories") ?? ""),
        tags: try TagPatterns(parsing: body.strings("tags") ?? []),
        protects: body.string("protects").flatMap(NewProtectionRule.Scope.init) ?? .tags)
    } catch {
      throw RegistryError(.unsupported, "\(error)", status: 400)
    }
  }

  /// `GET` and `DELETE /api/v1/protection-rules/{rule}`.
  func rule(_ name: RuleName, _ call: Call) async throws(RegistryError) -> Answer {
    let found = try await cataloguing { () throws(CatalogError) in try await catalog.rule(name) }
    guard let found, gate.control?.maySeeProtection(of: found.owner, call.caller) ?? true else {
      throw Self.unknownRule(name)
    }
    guard call.method == .delete else { return .json(found.json) }
    try require(found.owner, call, to: "take away the rule \(name)")
    guard
      try await cataloguing({ () throws(CatalogError) in try await catalog.removeRule(found, by: call.caller.actor) })
    else {
      throw Self.unknownRule(name)
    }
    return Answer(.noContent)
  }

  private static func unknownRule(_ name: RuleName) -> RegistryError {
    RegistryError(.nameUnknown, "there is no rule \(name), or you may not see it; `berth protect list` shows them")
  }

  /// `GET /api/v1/protection`.
  func protection(_ call: Call) async throws(RegistryError) -> Answer {
    let repository = try await readableRepository(call.query["repository"], call)
    let reference = try reference(call.query["reference"])
    let protection = try await cataloguing { () throws(CatalogError) in
      try await catalog.protection(of: reference, in: repository)
    }
    if case .digest = reference, protection.digest == nil { throw Self.unknown(reference, repository) }
    var members = [
      ("repository", JSONText.string(repository.value)), ("reference", JSONText.string(reference.description)),
    ]
    if let digest = protection.digest { members.append(("digest", JSONText.string(digest.description))) }
    members.append(("reasons", JSONText.array(protection.reasons.map(\.json))))
    return .json(JSONText.object(members))
  }

  // MARK: Holds

  /// `GET`, `POST` and `DELETE /api/v1/holds`.
  func holds(_ call: Call, _ route: ManagementRoute) async throws(RegistryError) -> Answer {
    switch call.method {
    case .post: try await hold(call, route)
    case .delete: try await release(call)
    default: try await listHolds(call)
    }
  }

  private func listHolds(_ call: Call) async throws(RegistryError) -> Answer {
    let limit = try limit(call)
    var after: Int64?
    if let text = call.query["after"] {
      guard let id = Int64(text), id >= 0 else {
        throw RegistryError(.unsupported, "after is the id of a hold", status: 400)
      }
      after = id
    }
    var repository: RepositoryName?
    if call.query["repository"] != nil { repository = try await readableRepository(call.query["repository"], call) }
    let (caller, control) = (call.caller, gate.control)
    let holds = try await cataloguing { [repository, after] () throws(CatalogError) in
      try await catalog.holds(
        in: repository,
        where: { hold in
          let owner = AccountName(ownerOf: hold.manifest.repository)
          return repository != nil || control?.maySeeProtection(of: owner, caller) ?? true
        }, after: after, limit: limit + 1)
    }
    var answer = Answer.json(JSONText.array(holds.prefix(limit).map(\.json)))
    if holds.count > limit {
      let only = repository.map { "&repository=\(PercentEncoding.encode($0.value))" } ?? ""
      answer.fields[.link] = Self.link(call, "after=\(holds[limit - 1].id)\(only)", limit)
    }
    return answer
  }

  private func hold(_ call: Call, _ route: ManagementRoute) async throws(RegistryError) -> Answer {
    let body = try await body(of: call, route)
    let repository = try await readableRepository(body.string("repository"), call)
    let reference = try reference(body.string("reference"))
    let reason: HoldReason
    do {
      reason = try HoldReason(parsing: body.string("reason") ?? "")
    } catch {
      throw RegistryError(.unsupported, error.description, status: 400)
    }
    try require(AccountName(ownerOf: repository), call, to: "hold what is in \(repository)")
    let outcome = try await cataloguing { () throws(CatalogError) in
      try await catalog.hold(reference, in: repository, reason: reason, by: call.caller.actor)
    }
    switch outcome {
    case .held(let hold): return .json(hold.json, status: .created)
    case .unknown: throw Self.unknown(reference, repository)
    case .heldAlready(let hold):
      throw RegistryError(
        .denied,
        "\(repository)@\(hold.manifest.digest) is held already, since \(hold.heldAt.rfc3339) by \(hold.heldBy): "
          + "\(hold.reason); let it go first to hold it for another reason",
        detail: ["hold": hold.manifest.digest.description], status: 409)
    }
  }

  private func release(_ call: Call) async throws(RegistryError) -> Answer {
    let repository = try await readableRepository(call.query["repository"], call)
    let reference = try reference(call.query["reference"])
    try require(AccountName(ownerOf: repository), call, to: "let go what is held in \(repository)")
    let outcome = try await cataloguing { () throws(CatalogError) in
      try await catalog.release(reference, in: repository, by: call.caller.actor)
    }
    switch outcome {
    case .released: return Answer(.noContent)
    case .unknown: throw Self.unknown(reference, repository)
    case .notHeld(let digest):
      throw RegistryError(
        .manifestUnknown,
        "\(repository)@\(digest) is not held; `berth hold list \(repository)` shows what is, and a tag that has moved "
          + "since does not name it",
        detail: ["name": repository.value, "digest": digest.description])
    }
  }

  // MARK: What both take

  /// Lets nobody by but who may say what is kept of an owner's repositories.
  private func require(_ owner: AccountName?, _ call: Call, to doing: String) throws(RegistryError) {
    guard let control = gate.control else { return }
    do {
      try control.requireProtection(of: owner, call.caller, to: doing)
    } catch {
      throw RegistryError(error)
    }
  }

  private func readableRepository(_ text: String?, _ call: Call) async throws(RegistryError) -> RepositoryName {
    let repository = try repository(text)
    guard try await gate.mayPull(call.caller, from: repository) else {
      throw RegistryError(.nameUnknown, "there is no repository \(repository), or you may not see it")
    }
    return repository
  }

  private func reference(_ text: String?) throws(RegistryError) -> Reference {
    do {
      return try Reference(parsing: text ?? "")
    } catch {
      throw RegistryError(.tagInvalid, "reference: \(error)")
    }
  }

  private static func unknown(_ reference: Reference, _ repository: RepositoryName) -> RegistryError {
    RegistryError(
      .manifestUnknown, "\(repository) has no manifest \(reference)",
      detail: ["name": repository.value, "reference": reference.description])
  }

  func cataloguing<Success: Sendable>(
    _ body: () async throws(CatalogError) -> Success
  ) async throws(RegistryError) -> Success {
    do {
      return try await body()
    } catch {
      throw RegistryError(error)
    }
  }
}

extension ProtectionRule {
  fileprivate var json: String {
    JSONText.object([
      ("name", JSONText.string(name.value)), ("repositories", JSONText.string(rule.repositories.description)),
      ("tags", JSONText.array(rule.tags.words.map(JSONText.string))),
      ("protects", JSONText.string(rule.protects.rawValue)), ("madeAt", JSONText.string(madeAt.rfc3339)),
      ("madeBy", JSONText.string(madeBy)),
    ])
  }
}

extension Hold {
  fileprivate var json: String {
    JSONText.object([
      ("id", String(id)), ("repository", JSONText.string(manifest.repository.value)),
      ("digest", JSONText.string(manifest.digest.description)), ("reason", JSONText.string(reason.description)),
      ("heldAt", JSONText.string(heldAt.rfc3339)), ("heldBy", JSONText.string(heldBy)),
    ])
  }
}

extension ProtectionReason {
  fileprivate var json: String {
    var members = [("reason", JSONText.string(description))]
    if let rule { members.append(("rule", rule.json)) }
    if let hold { members.append(("hold", hold.json)) }
    return JSONText.object(members)
  }
}
