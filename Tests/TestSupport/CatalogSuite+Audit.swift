internal import Catalog
internal import OCI
internal import Testing

extension CatalogSuite {
  static let audit: [CatalogSuite] = [
    CatalogSuite("an event comes back as it was recorded, whatever text is in it") { scenario in
      let text = "quotes \" and \\ and \u{1F600} and \n"
      let events = [
        AuditEvent(
          at: Timestamp(milliseconds: 1), actor: Author(name: text, credential: text, address: "2001:db8::1"),
          action: .login, outcome: .denied, repository: text, subject: text, detail: [text: text, "": ""]),
        AuditEvent(
          at: Timestamp(milliseconds: 2), actor: .berth, action: .serverStart, outcome: .done, subject: ""),
      ]
      try await scenario.catalog.record([])
      try await scenario.catalog.record(events)
      let trail = try await scenario.trail()
      #expect(trail.map(\.withoutRow) == events)
      #expect(trail.allSatisfy { $0.id > 0 })
    },
    CatalogSuite("every action and outcome there is can be recorded and read") { scenario in
      let events = AuditEvent.Action.allCases.flatMap { action in
        AuditEvent.Outcome.allCases.map { outcome in
          AuditEvent(at: .farPast, actor: .somebody, action: action, outcome: outcome, subject: "it")
        }
      }
      try await scenario.catalog.record(events)
      #expect(try await scenario.trail().map(\.withoutRow) == events)
    },
    CatalogSuite("events are found by each of repository, actor, outcome and time, and all together") { scenario in
      let events = (0..<48).map { AuditEvent.varied($0) }
      try await scenario.catalog.record(events)
      for query in AuditQuery.combinations {
        let expected: [AuditEvent] = events.filter(query.finds).reversed()
        #expect(!expected.isEmpty)
        #expect(try await scenario.catalog.auditEvents(query).map(\.withoutRow) == expected)
        #expect(try await scenario.pages(query, of: 3).map(\.withoutRow) == expected)
      }
    },
    CatalogSuite("events are in the order of their times, page by page, also where they were told late") { scenario in
      let times: [Int64] = [5, 3, 5, 9, 1, 3, 9, 2, 5]
      for (number, time) in times.enumerated() {
        try await scenario.catalog.record([
          AuditEvent(
            at: Timestamp(milliseconds: time), actor: .somebody, action: .pull, outcome: .denied, repository: "a",
            subject: "\(number)")
        ])
      }
      let expected = times.enumerated().sorted { ($0.element, $0.offset) > ($1.element, $1.offset) }.map(\.offset)
      var query = AuditQuery(limit: 2)
      #expect(try await scenario.pages(query, of: 2).map(\.subject) == expected.map(String.init))
      query.repository = "a"
      #expect(try await scenario.pages(query, of: 1).map(\.subject) == expected.map(String.init))
      query.before = 1 << 40
      #expect(try await scenario.catalog.auditEvents(query) == [])
    },
    CatalogSuite("1,500 events are recorded in one go, each once and in their order") { scenario in
      let events = (0..<1_500).map { number in
        AuditEvent(at: .farPast, actor: .somebody, action: .pull, outcome: .denied, subject: "\(number)")
      }
      try await scenario.catalog.record(events)
      #expect(try await scenario.trail().map(\.withoutRow) == events)
    },
    CatalogSuite("events wait for their export until it is said that it happened, and do so once") { scenario in
      let record = { (subjects: [String]) in
        try await scenario.catalog.record(
          subjects.map { AuditEvent(actor: .somebody, action: .pull, outcome: .denied, subject: $0) })
      }
      let waiting = { try await scenario.catalog.unexportedAuditEvents(limit: 2) }
      #expect(try await waiting() == [])
      try await record(["a", "b", "c"])
      let first = try await waiting()
      #expect(first.map(\.subject) == ["a", "b"])
      #expect(try await waiting() == first)
      try await scenario.catalog.auditExported(through: try #require(first.last).id)
      let second = try await waiting()
      #expect(second.map(\.subject) == ["c"])
      try await scenario.catalog.auditExported(through: try #require(second.last).id)
      try await scenario.catalog.auditExported(through: try #require(first.last).id)
      #expect(try await waiting() == [])
      try await record(["d"])
      #expect(try await waiting().map(\.subject) == ["d"])
    },
    CatalogSuite("old events are removed, the oldest first, and their rows are not used again") { scenario in
      let times: [Int64] = [4, 1, 3, 2, 5]
      try await scenario.catalog.record(
        times.map { time in
          AuditEvent(
            at: Timestamp(milliseconds: time), actor: .somebody, action: .pull, outcome: .done, subject: "\(time)")
        })
      let left = { try await scenario.trail().map(\.subject) }
      let remove = { (before: Int64, limit: Int) in
        try await scenario.catalog.removeAuditEvents(before: Timestamp(milliseconds: before), limit: limit)
      }
      #expect(try await remove(1, 10) == 0)
      #expect(try await remove(4, 2) == 2)
      #expect(try await left() == ["3", "4", "5"])
      #expect(try await remove(4, 2) == 1)
      #expect(try await left() == ["4", "5"])
      let last = try await scenario.trail().map(\.id).max()
      #expect(try await remove(100, 10) == 2)
      try await scenario.catalog.record([
        AuditEvent(actor: .somebody, action: .pull, outcome: .done, subject: "new")
      ])
      #expect(try #require(await scenario.trail().first).id > last ?? 0)
    },
  ]

  static let auditOfPushes: [CatalogSuite] = [
    CatalogSuite("a push is recorded with its tags, and each tag that moved or began with where from") { scenario in
      let first = try await scenario.pushImage(["config", "one"], tags: ["v1", "latest"])
      let second = try await scenario.pushImage(["config", "two"], tags: ["latest", "v2"])
      let (from, to) = (first.digest.description, second.digest.description)
      let type = MediaType.ociManifest.value
      #expect(
        try await scenario.summaries() == [
          Summary(.manifestPush, from, ["mediaType": type, "tags": "latest v1"]),
          Summary(.tagMove, "latest", ["to": from]), Summary(.tagMove, "v1", ["to": from]),
          Summary(.manifestPush, to, ["mediaType": type, "tags": "latest v2"]),
          Summary(.tagMove, "latest", ["from": from, "to": to]), Summary(.tagMove, "v2", ["to": to]),
        ])
      let trail = try await scenario.trail()
      #expect(trail.allSatisfy { $0.repository == "team/app" && $0.outcome == .done && $0.actor == .somebody })
    },
    CatalogSuite("a push that changes nothing is recorded as a push and no more") { scenario in
      let image = try await scenario.pushImage(["config"], tags: ["latest"])
      try await scenario.commit(image, tags: ["latest"])
      try await scenario.commit(image)
      let push = { (tags: String?) in
        Summary(
          .manifestPush, image.digest.description,
          ["mediaType": MediaType.ociManifest.value, "tags": tags].compactMapValues { $0 })
      }
      #expect(
        try await scenario.summaries() == [
          push("latest"), Summary(.tagMove, "latest", ["to": image.digest.description]), push("latest"), push(nil),
        ])
    },
    CatalogSuite("a push that is refused, and a delete that finds nothing or is refused, record nothing") { scenario in
      let child = try await scenario.pushImage(["config"])
      try await scenario.commit(.index([child]))
      let before = try await scenario.trail()
      #expect(try await scenario.commit(.image(["absent"]), tags: ["latest"]) != .stored)
      #expect(try await scenario.delete(child) != .deleted)
      #expect(try await scenario.delete(.image(["absent"])) == .unknown)
      let catalog = scenario.catalog
      #expect(try await catalog.deleteBlob(.blob("config"), in: scenario.repository, by: .somebody) != .deleted)
      #expect(try await catalog.deleteBlob(.blob("absent"), in: scenario.repository, by: .somebody) == .unknown)
      #expect(try await !catalog.deleteTag(.named("absent"), in: scenario.repository, by: .somebody))
      #expect(try await scenario.trail() == before)
    },
    CatalogSuite("600 tags that one push moves are recorded each") { scenario in
      let names = (0..<600).map { "v\($0)" }
      try await scenario.pushImage(["one"], tags: names)
      try await scenario.pushImage(["two"], tags: names)
      let moves = try await scenario.trail().filter { $0.action == .tagMove }
      #expect(moves.count == 1_200)
      #expect(moves.filter { $0.detail["from"] != nil }.map(\.subject).sorted() == names.sorted())
    },
    CatalogSuite("deletes are recorded with who, from where, by which credential, and what was lost") { scenario in
      let (catalog, here) = (scenario.catalog, scenario.repository)
      let image = try await scenario.pushImage(["config"], tags: ["c", "a", "b"])
      let untagged = try await scenario.pushImage(["other"])
      try await scenario.pushBlob("layer")
      let pushed = try await scenario.trail().count
      let bob = Author(name: "bob", credential: "token 12 (ci)", address: "2001:db8::1")
      let digest = image.digest.description
      #expect(try await catalog.deleteTag(.named("c"), in: here, by: bob))
      #expect(try await catalog.deleteManifest(image.digest, in: here, by: bob) == .deleted)
      #expect(try await catalog.deleteManifest(untagged.digest, in: here, by: bob) == .deleted)
      #expect(try await catalog.deleteBlob(.blob("layer"), in: here, by: bob) == .deleted)
      #expect(
        try await scenario.summaries().dropFirst(pushed) == [
          Summary(.tagDelete, "c", ["digest": digest]), Summary(.manifestDelete, digest, ["tags": "a b"]),
          Summary(.manifestDelete, untagged.digest.description, [:]),
          Summary(.blobDelete, Digest.blob("layer").description, [:]),
        ])
      let deletes = try await scenario.trail().dropFirst(pushed)
      #expect(deletes.allSatisfy { $0.actor == bob && $0.repository == here.value })
    },
  ]

  static let auditOfAccess: [CatalogSuite] = [
    CatalogSuite("changes of accounts are recorded, of passwords only that they changed") { scenario in
      try await scenario.makeUser("alice", passwordHash: "$first$", isAdministrator: true)
      #expect(try await scenario.makeUser("alice") == nil)
      try await scenario.makeToken("login", of: "alice", kind: .refresh)
      try await scenario.change("alice", .to(passwordHash: "$second$", isAdministrator: false))
      try await scenario.change("alice", .to(isAdministrator: false))
      try await scenario.change("alice", .to(isDisabled: true, defaultVisibility: .public))
      try await scenario.makeToken("laptop", of: "alice")
      #expect(try await scenario.catalog.deleteAccount(.named("alice"), by: .somebody) == .deleted)
      #expect(try await scenario.catalog.deleteAccount(.named("alice"), by: .somebody) == .unknown)
      let summaries = try await scenario.summaries().filter { $0.action != .tokenCreate }
      #expect(
        summaries == [
          Summary(.accountCreate, "alice", ["kind": "user", "administrator": "true", "password": "set"]),
          Summary(
            .accountChange, "alice",
            ["password": "changed", "administrator": "false", "refreshTokensRevoked": "1"]),
          Summary(.accountChange, "alice", ["disabled": "true", "defaultVisibility": "public"]),
          Summary(.accountDelete, "alice", ["kind": "user", "tokensRevoked": "1"]),
        ])
    },
    CatalogSuite("roles that are given, changed and taken are recorded, and nothing where it was so") { scenario in
      try await scenario.makeUser("alice")
      try await scenario.makeOrganization("team")
      for role in [nil, .read, .read, .admin, nil, nil] as [Role?] {
        try await scenario.setRole(role, of: "alice", in: "team")
      }
      #expect(
        try await scenario.summaries().dropFirst(2) == [
          Summary(.memberSet, "alice", ["organization": "team", "role": "read"]),
          Summary(.memberSet, "alice", ["organization": "team", "from": "read", "role": "admin"]),
          Summary(.memberRemove, "alice", ["organization": "team", "from": "admin"]),
        ])
    },
    CatalogSuite("tokens that are made and revoked are recorded, and never their hash") { scenario in
      try await scenario.makeUser("alice")
      let token = try await scenario.makeToken("ci", of: "alice", expiresAt: Timestamp(milliseconds: 1_000))
      try await scenario.makeToken("login", of: "alice", kind: .refresh, parent: token)
      #expect(try await scenario.createToken("ci", of: "nobody") == .unknownOwner)
      #expect(try await scenario.catalog.revokeToken(token, by: .somebody))
      #expect(try await !scenario.catalog.revokeToken(token, by: .somebody))
      var detail = [
        "owner": "alice", "kind": "personal", "name": "ci", "scopes": "read:packages write:packages",
        "repositories": "alice/*", "expiresAt": "1970-01-01T00:00:01Z",
      ]
      let summaries = try await scenario.summaries()
      #expect(summaries.count == 4)
      #expect(summaries[1] == Summary(.tokenCreate, "\(token)", detail))
      detail["alsoRevoked"] = "1"
      #expect(summaries.last == Summary(.tokenRevoke, "\(token)", detail))
    },
    CatalogSuite("repositories that are made, their visibility and new keys are recorded") { scenario in
      let (catalog, name) = (scenario.catalog, RepositoryName.named("team/app"))
      #expect(try await catalog.createRepository(name, visibility: .internal, by: .somebody))
      #expect(try await !catalog.createRepository(name, visibility: .public, by: .somebody))
      for visibility in [.internal, .public, nil, nil] as [Visibility?] {
        #expect(try await catalog.setVisibility(visibility, of: name, by: .somebody))
      }
      for number in 1...2 {
        let key = SigningKey(id: "key \(number)", privateKey: [1, 2, 3], createdAt: .farPast)
        try await catalog.addSigningKey(key, forgettingBefore: .farFuture, by: .berth)
      }
      #expect(
        try await scenario.summaries() == [
          Summary(.repositoryCreate, "team/app", ["visibility": "internal"]),
          Summary(.repositoryVisibility, "team/app", ["from": "internal", "to": "public"]),
          Summary(.repositoryVisibility, "team/app", ["from": "public", "to": "default"]),
          Summary(.keyRotate, "key 1", [:]), Summary(.keyRotate, "key 2", ["forgotten": "key 1"]),
        ])
      let trail = try await scenario.trail()
      #expect(trail.map(\.repository) == ["team/app", "team/app", "team/app", nil, nil])
      #expect(trail.map(\.actor) == [.somebody, .somebody, .somebody, .berth, .berth])
    },
  ]
}

/// What an event says about what was done.
private struct Summary: Hashable {
  let action: AuditEvent.Action
  let subject: String
  let detail: [String: String]

  init(_ action: AuditEvent.Action, _ subject: String, _ detail: [String: String]) {
    self.action = action
    self.subject = subject
    self.detail = detail
  }
}

extension CatalogScenario {
  /// All events, oldest first.
  fileprivate func trail() async throws -> [AuditEvent] {
    try await catalog.auditEvents(AuditQuery(limit: 10_000)).reversed()
  }

  fileprivate func summaries() async throws -> [Summary] {
    try await trail().map { Summary($0.action, $0.subject, $0.detail) }
  }

  /// What a query finds, in pages.
  fileprivate func pages(_ query: AuditQuery, of limit: Int) async throws -> [AuditEvent] {
    var query = query
    query.limit = limit
    var pages: [AuditEvent] = []
    while true {
      let page = try await catalog.auditEvents(query)
      guard let last = page.last else { return pages }
      #expect(page.count <= limit)
      pages += page
      query.before = last.id
    }
  }
}

extension AuditQuery {
  /// With and without each condition that `AuditEvent.varied` fulfils now and then.
  fileprivate static var combinations: [AuditQuery] {
    (0..<(1 << 5)).map { choice in
      var query = AuditQuery(limit: 100)
      if choice & 1 != 0 { query.repository = "repository 1" }
      if choice & 2 != 0 { query.actor = "actor 1" }
      if choice & 4 != 0 { query.outcome = .denied }
      if choice & 8 != 0 { query.since = Timestamp(milliseconds: 3) }
      if choice & 16 != 0 { query.until = Timestamp(milliseconds: 9) }
      return query
    }
  }

  fileprivate func finds(_ event: AuditEvent) -> Bool {
    if let repository, repository != event.repository { return false }
    if let actor, actor != event.actor.name { return false }
    if let outcome, outcome != event.outcome { return false }
    if let since, event.at < since { return false }
    if let until, event.at >= until { return false }
    return true
  }
}

extension AuditEvent {
  /// One of many that differ in all that is asked for, four in each millisecond.
  fileprivate static func varied(_ number: Int) -> AuditEvent {
    AuditEvent(
      at: Timestamp(milliseconds: Int64(number / 4)), actor: Author(name: "actor \(number % 2)"), action: .pull,
      outcome: number % 3 == 0 ? .denied : .done, repository: number % 4 == 3 ? nil : "repository \(number % 4)",
      subject: "\(number)")
  }

  fileprivate var withoutRow: AuditEvent {
    AuditEvent(
      at: at, actor: actor, action: action, outcome: outcome, repository: repository, subject: subject,
      detail: detail)
  }
}
