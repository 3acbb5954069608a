internal import Catalog
internal import OCI
internal import Testing

extension CatalogSuite {
  static let tokens: [CatalogSuite] = [
    CatalogSuite("a token is found by its hash and by its row, with its owner, expired or not") { scenario in
      let alice = try #require(await scenario.makeUser("alice"))
      let hash = Digest.blob("secret").bytes
      let creation = try await scenario.createToken("laptop", of: "alice", secret: "secret", expiresAt: .farPast)
      guard case .created(let token) = creation else {
        Issue.record("\(creation)")
        return
      }
      #expect(token.owner == alice.name)
      #expect(token.kind == .personal)
      #expect(token.name == "laptop")
      #expect(token.scopes == [.readPackages, .writePackages])
      #expect(token.repositories == ["alice/*"])
      #expect(token.expiresAt == .farPast)
      #expect(token.lastUsedAt == nil && token.lastUsedFrom == nil)
      let holder = TokenHolder(token: token, account: alice)
      #expect(try await scenario.catalog.token(hash: hash) == holder)
      #expect(try await scenario.catalog.token(id: token.id) == holder)
      #expect(try await scenario.catalog.token(hash: Digest.blob("other").bytes) == nil)
      let disabled = try await scenario.change("alice", .to(isDisabled: true))
      #expect(try await scenario.catalog.token(hash: hash)?.account == disabled)
    },
    CatalogSuite("patterns and names of tokens may hold any text, and there may be no pattern") { scenario in
      try await scenario.makeUser("alice")
      for (number, patterns) in [[], [""], ["a/*", "quote \" and \\ and \u{1F600} and \n", "b"]].enumerated() {
        let creation = try await scenario.catalog.createToken(
          NewToken(
            hash: [UInt8(number)], owner: .named("alice"), kind: .personal, name: "a \"name\"", scopes: [],
            repositories: patterns),
          by: .somebody)
        guard case .created(let token) = creation else {
          Issue.record("\(creation)")
          return
        }
        #expect(try await scenario.catalog.token(id: token.id)?.token == token)
        #expect(token.repositories == patterns && token.scopes == [])
      }
    },
    CatalogSuite("users have personal and refresh tokens, organisations robots, and nobody else any") { scenario in
      try await scenario.makeUser("alice")
      try await scenario.makeOrganization("team")
      let kinds = StoredToken.Kind.allCases
      for kind in kinds {
        let isRobot = kind == .robot
        for (owner, isRight) in [("alice", !isRobot), ("team", isRobot), ("nobody", false)] {
          let creation = try await scenario.createToken("\(kind)", of: owner, kind: kind)
          #expect((creation != .unknownOwner) == isRight, "\(kind) of \(owner)")
        }
      }
    },
    CatalogSuite("tokens are listed in the order in which they were made, without refresh tokens") { scenario in
      try await scenario.makeUser("alice")
      try await scenario.makeUser("bob")
      try await scenario.makeOrganization("team")
      for name in ["c", "a", "b"] {
        try await scenario.makeToken(name, of: "alice")
        try await scenario.makeToken("login", of: "alice", kind: .refresh)
        try await scenario.makeToken(name, of: "team", kind: .robot)
      }
      #expect(try await scenario.catalog.tokens(of: .named("alice")).map(\.name) == ["c", "a", "b"])
      #expect(try await scenario.catalog.tokens(of: .named("team")).map(\.name) == ["c", "a", "b"])
      #expect(try await scenario.catalog.tokens(of: .named("bob")) == [])
      #expect(try await scenario.catalog.tokens(of: .named("nobody")) == [])
    },
    CatalogSuite("a robot's name is its own in its organisation until it is revoked or expires") { scenario in
      for name in ["team", "other"] { try await scenario.makeOrganization(name) }
      let first = try await scenario.makeToken("ci", of: "team", kind: .robot, expiresAt: .farFuture)
      #expect(try await scenario.createToken("ci", of: "team", kind: .robot) == .nameTaken)
      try await scenario.makeToken("ci", of: "other", kind: .robot)
      #expect(try await scenario.catalog.revokeToken(first, by: .somebody))
      let second = try await scenario.makeToken("ci", of: "team", kind: .robot, expiresAt: .farPast)
      #expect(second > first)
      let third = try await scenario.makeToken("ci", of: "team", kind: .robot)
      #expect(try await scenario.catalog.tokens(of: .named("team")).map(\.id) == [third])
      try await scenario.makeUser("alice")
      try await scenario.makeToken("same", of: "alice")
      try await scenario.makeToken("same", of: "alice")
    },
    CatalogSuite("revoking a token revokes what hangs on it, however deep, and nothing else") { scenario in
      try await scenario.makeUser("alice")
      let parent = try await scenario.makeToken("parent", of: "alice")
      let child = try await scenario.makeToken("child", of: "alice", kind: .refresh, parent: parent)
      let grandchild = try await scenario.makeToken("grandchild", of: "alice", kind: .refresh, parent: child)
      let other = try await scenario.makeToken("other", of: "alice")
      #expect(try await scenario.catalog.revokeToken(parent, by: .somebody))
      #expect(try await !scenario.catalog.revokeToken(parent, by: .somebody))
      #expect(try await !scenario.catalog.revokeToken(child, by: .somebody))
      #expect(try await !scenario.hasToken(grandchild))
      #expect(try await scenario.hasToken(other))
      let late = try await scenario.createToken("late", of: "alice", kind: .refresh, parent: parent)
      #expect(late == .unknownOwner)
    },
    CatalogSuite("a token expires no later than what it hangs on") { scenario in
      try await scenario.makeUser("alice")
      let expiries: [(parent: Int64?, own: Int64?, then: Int64?)] = [
        (nil, nil, nil), (7, nil, 7), (nil, 7, 7), (5, 7, 5), (7, 5, 5),
      ]
      for expiry in expiries {
        let moment = { (milliseconds: Int64?) in milliseconds.map(Timestamp.init(milliseconds:)) }
        let parent = try await scenario.makeToken("parent", of: "alice", expiresAt: moment(expiry.parent))
        let child = try await scenario.makeToken(
          "child", of: "alice", kind: .refresh, expiresAt: moment(expiry.own), parent: parent)
        #expect(try await scenario.catalog.token(id: child)?.token.expiresAt == moment(expiry.then))
      }
    },
    CatalogSuite("a new password and a disabled account end the logins that clients keep") { scenario in
      try await scenario.makeUser("alice", passwordHash: "old")
      try await scenario.makeUser("bob")
      let personal = try await scenario.makeToken("laptop", of: "alice")
      let other = try await scenario.makeToken("login", of: "bob", kind: .refresh)
      let changes: [(ends: Bool, change: AccountChange)] = [
        (false, .to(defaultVisibility: .public)), (true, .to(passwordHash: "new")),
        (false, .to(isAdministrator: true)), (true, .to(isDisabled: true)), (false, .to(isDisabled: false)),
      ]
      for (ends, change) in changes {
        let login = try await scenario.makeToken("login", of: "alice", kind: .refresh)
        try await scenario.change("alice", change)
        #expect(try await scenario.hasToken(login) != ends, "\(change)")
      }
      #expect(try await scenario.hasToken(personal))
      #expect(try await scenario.hasToken(other))
    },
    CatalogSuite("the latest use of each token is kept, in whatever order uses are told") { scenario in
      try await scenario.makeUser("alice")
      let tokens = [try await scenario.makeToken("a", of: "alice"), try await scenario.makeToken("b", of: "alice")]
      let use = { (token: Int64, at: Int64) in
        TokenUse(id: token, at: Timestamp(milliseconds: at), address: "192.0.2.\(at)")
      }
      try await scenario.catalog.recordTokenUses([])
      try await scenario.catalog.recordTokenUses([
        use(tokens[0], 5), use(tokens[0], 7), use(tokens[0], 6), use(tokens[1], 2), use(1 << 40, 3),
      ])
      try await scenario.catalog.recordTokenUses([use(tokens[0], 4), use(tokens[1], 3)])
      let listed = try await scenario.catalog.tokens(of: .named("alice"))
      #expect(listed.map { $0.lastUsedAt?.milliseconds } == [7, 3])
      #expect(listed.map(\.lastUsedFrom) == ["192.0.2.7", "192.0.2.3"])
    },
    CatalogSuite("tokens that expired are removed once that is long ago, with what hangs on them") { scenario in
      try await scenario.makeUser("alice")
      let make = { (milliseconds: Int64?, parent: Int64?) in
        try await scenario.makeToken(
          "token", of: "alice", expiresAt: milliseconds.map(Timestamp.init(milliseconds:)), parent: parent)
      }
      let (gone, recent, forever) = (try await make(1, nil), try await make(2, nil), try await make(nil, nil))
      let child = try await make(nil, gone)
      try await scenario.catalog.removeExpiredTokens(before: Timestamp(milliseconds: 2))
      #expect(try await !scenario.hasToken(gone))
      #expect(try await !scenario.hasToken(child))
      #expect(try await scenario.hasToken(recent))
      #expect(try await scenario.hasToken(forever))
    },
  ]
}
