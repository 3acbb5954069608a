import Access
import Catalog
import HTTPTypes
import OCI
import Registry

extension ManagementAPI {
  /// `GET /api/v1/history`.
  func history(_ call: Call) async throws(RegistryError) -> Answer {
    let (repository, tag) = (try repository(call.query["repository"]), try tag(call.query["tag"]))
    try await require(.pull, on: repository, call)
    let limit = try limit(call)
    let after = try call.query["after"].map { (text) throws(RegistryError) in
      guard let row = Int64(text), row > 0 else {
        throw RegistryError(.unsupported, "after is the id of a part of the history", status: 400)
      }
      return row
    }
    let tellsWho = try await may(.push, on: repository, call)
    let page = try await registry.lifetimes(of: tag, in: repository, after: after, limit: limit)
    var answer = Answer.json(JSONText.array(page.elements.map { $0.json(tellsWho: tellsWho) }))
    if page.hasMore, let last = page.elements.last {
      answer.fields[.link] = Self.link(
        call, "repository=\(PercentEncoding.encode(repository.value))&tag=\(tag)&after=\(last.row)", limit)
    }
    return answer
  }

  /// `GET /api/v1/resolution`.
  func resolve(_ call: Call) async throws(RegistryError) -> Answer {
    let (repository, tag) = (try repository(call.query["repository"]), try tag(call.query["tag"]))
    try await require(.pull, on: repository, call)
    let moment = try moment("at", call) ?? .now
    let lifetime = try await registry.lifetime(of: tag, in: repository, at: moment)
    return .json(lifetime.json(tellsWho: try await may(.push, on: repository, call)))
  }

  /// `POST /api/v1/rollbacks`.
  func rollBack(_ call: Call, _ route: ManagementRoute) async throws(RegistryError) -> Answer {
    let body = try await body(of: call, route)
    let (repository, tag) = (try repository(body.string("repository")), try tag(body.string("tag")))
    try await requireWritable(repository, call)
    let target: Rollback.Target
    switch (try body.string("digest").map(Self.digest), body.timestamp("at")) {
    case (nil, nil): target = .previous
    case (let digest?, nil): target = .digest(digest)
    case (nil, let moment?): target = .moment(moment)
    case (_?, _?):
      throw RegistryError(.unsupported, "digest and at exclude each other: send one", status: 400)
    }
    let result = try await registry.rollBack(
      Rollback(
        repository: repository, tag: tag, to: target, expected: try Self.expected(body), by: call.caller.actor))
    return .json(
      JSONText.object(
        [("digest", JSONText.string(result.digest.description))]
          + [result.from.map { ("from", JSONText.string($0.description)) }].compactMap { $0 }
          + [("restored", JSONText.array(result.restored.map { JSONText.string($0.description) }))]))
  }

  /// `POST /api/v1/promotions`.
  func promote(_ call: Call, _ route: ManagementRoute) async throws(RegistryError) -> Answer {
    let body = try await body(of: call, route)
    let source = try repository(body.string("source"))
    let target = try body.string("repository").map(repository) ?? source
    try await require(.pull, on: source, call)
    try await requireWritable(target, call)
    var tags: [Tag] = []
    for text in body.strings("tags") ?? [] { tags.append(try tag(text)) }
    guard (1...Self.maximumTags).contains(tags.count) else {
      throw RegistryError(
        .tagInvalid, "a promotion sets from 1 to \(Self.maximumTags) tags, not \(tags.count)", status: 400)
    }
    let result = try await registry.promote(
      Promotion(
        source: source, reference: try Self.reference(body), to: target, tags: tags,
        expected: try Self.expected(body), by: call.caller.actor))
    return .json(result.json(in: target))
  }

  /// More tags than anybody sets at once, few enough that a promotion stays a small transaction.
  private static let maximumTags = 100

  // MARK: Who may

  /// Lets by who may do something with a repository.
  func require(_ action: RepositoryAction, on repository: RepositoryName, _ call: Call) async throws(RegistryError) {
    try await gate.admit(
      call.caller, .action(action, repository), hasShown: call.headers.contains(.authorization))
  }

  /// Lets by who may push to a repository that is no mirror.
  func requireWritable(_ repository: RepositoryName, _ call: Call) async throws(RegistryError) {
    try await require(.push, on: repository, call)
    try mirror.requireLocal(repository)
  }

  private func may(
    _ action: RepositoryAction, on repository: RepositoryName, _ call: Call
  ) async throws(RegistryError) -> Bool {
    guard let control = gate.control else { return true }
    return try await allowing { () throws(AccessError) in
      try await control.decide(call.caller.identity, action, repository).isAllowed
    }
  }

  // MARK: What requests say

  func tag(_ text: String?) throws(RegistryError) -> Tag {
    do {
      return try Tag(parsing: text ?? "")
    } catch {
      throw RegistryError(.tagInvalid, error.description)
    }
  }

  private static func digest(_ text: String) throws(RegistryError) -> Digest {
    do {
      return try Digest(parsing: text)
    } catch {
      throw RegistryError(.digestInvalid, "\(error)")
    }
  }

  static func reference(_ body: ManagementBody) throws(RegistryError) -> Reference {
    do {
      return try Reference(parsing: body.string("reference") ?? "")
    } catch {
      throw RegistryError(.manifestInvalid, "\(error)", status: 400)
    }
  }

  private static func expected(_ body: ManagementBody) throws(RegistryError) -> ExpectedDigest {
    switch body.string("expect") {
    case nil: .anything
    case "none": .nothing
    case let text?: .digest(try digest(text))
    }
  }
}

extension TagLifetime {
  /// The lifetime as a JSON object.
  ///
  /// - Parameter tellsWho: whether it says who saw to it.
  fileprivate func json(tellsWho: Bool) -> String {
    var members = [
      ("id", String(row)), ("digest", JSONText.string(digest.description)),
      ("since", JSONText.string(beganAt.preciseRFC3339)),
    ]
    if let end {
      members.append(("until", JSONText.string(end.at.preciseRFC3339)))
      members.append(("deleted", String(end.isDeletion)))
    }
    if let reason { members.append(("reason", JSONText.string(reason.rawValue))) }
    if tellsWho, let beganBy { members.append(("by", beganBy.json)) }
    if tellsWho, let author = end?.by { members.append(("endedBy", author.json)) }
    return JSONText.object(members)
  }
}

extension Author {
  fileprivate var json: String {
    var members = [("name", JSONText.string(name))]
    if let credential { members.append(("credential", JSONText.string(credential))) }
    if let address { members.append(("address", JSONText.string(address))) }
    return JSONText.object(members)
  }
}

extension PromotionResult {
  fileprivate func json(in repository: RepositoryName) -> String {
    let tags = moves.map { move in
      JSONText.object(
        [("tag", JSONText.string(move.tag.value))]
          + [move.from.map { ("from", JSONText.string($0.description)) }].compactMap { $0 })
    }
    return JSONText.object([
      ("digest", JSONText.string(digest.description)), ("repository", JSONText.string(repository.value)),
      ("changed", String(isChange)), ("tags", JSONText.array(tags)),
      ("manifests", JSONText.array(added.map { JSONText.string($0.description) })),
      ("referrerTags", JSONText.array(referrerTags.map { JSONText.string($0.value) })),
    ])
  }
}
