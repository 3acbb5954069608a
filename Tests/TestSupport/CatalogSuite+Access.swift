internal import Catalog
internal import OCI
internal import Testing

extension CatalogSuite {
  static let accounts: [CatalogSuite] = [
    CatalogSuite("an account is as it was made, and its name is taken from then on") { scenario in
      #expect(try await scenario.catalog.account(.named("alice")) == nil)
      let alice = try #require(
        await scenario.makeUser("alice", passwordHash: "$2b$10$hash", isAdministrator: true))
      #expect(alice.name == .named("alice"))
      #expect(alice.kind == .user)
      #expect(alice.passwordHash == "$2b$10$hash")
      #expect(alice.isAdministrator)
      #expect(!alice.isDisabled)
      #expect(alice.defaultVisibility == .private)
      #expect(try await scenario.catalog.account(.named("alice")) == alice)
      #expect(try await scenario.makeOrganization("alice") == nil)
      #expect(try await scenario.catalog.account(.named("alice")) == alice)
      let team = try #require(await scenario.makeOrganization("team"))
      #expect(team.kind == .organization)
      #expect(team.passwordHash == nil)
      #expect(!team.isAdministrator)
    },
    CatalogSuite("accounts of a kind come in the order of their bytes, page by page") { scenario in
      let names = ["a", "a-b", "a.b", "a0", "b", "z"]
      for name in names.shuffled() {
        try await scenario.makeUser(name)
      }
      try await scenario.makeOrganization("a1")
      var pages: [String] = []
      while true {
        let page = try await scenario.catalog.accounts(.user, after: pages.last, limit: 4)
        if page.isEmpty { break }
        pages += page.map(\.name.value)
      }
      #expect(pages == names)
      let teams = try await scenario.catalog.accounts(.organization, after: nil, limit: 4)
      #expect(teams.map(\.name.value) == ["a1"])
    },
    CatalogSuite("a change of an account changes what it names and nothing else") { scenario in
      let before = try #require(await scenario.makeUser("alice", passwordHash: "old"))
      #expect(try await scenario.change("alice", AccountChange()) == before)
      let after = try #require(await scenario.change("alice", .to(defaultVisibility: .internal)))
      #expect(after.defaultVisibility == .internal)
      #expect(after.passwordHash == "old")
      let last = try #require(
        await scenario.change("alice", .to(passwordHash: "new", isAdministrator: true, isDisabled: true)))
      #expect(last.passwordHash == "new")
      #expect(last.isAdministrator && last.isDisabled)
      #expect(last.defaultVisibility == .internal)
      #expect(try await scenario.catalog.account(.named("alice")) == last)
      let reset = try await scenario.change("alice", .to(isAdministrator: false, isDisabled: false))
      #expect(reset == before.with(passwordHash: "new", defaultVisibility: .internal))
      #expect(try await scenario.change("nobody", .to(isDisabled: true)) == nil)
    },
    CatalogSuite("an account that owns manifests stays, and goes once they are deleted") { scenario in
      let (catalog, team) = (scenario.catalog, AccountName.named("team"))
      try await scenario.makeOrganization("team")
      try await scenario.inside("team-b/app").pushImage(["config"])
      #expect(try await catalog.createRepository(.named("team/empty"), visibility: .public, by: .somebody))
      let second = try await scenario.inside("team/b").pushImage(["config"])
      let first = try await scenario.inside("team").pushImage(["config"])
      #expect(try await catalog.deleteAccount(team, by: .somebody) == .owns(.named("team")))
      try await scenario.inside("team").delete(first)
      #expect(try await catalog.deleteAccount(team, by: .somebody) == .owns(.named("team/b")))
      try await scenario.inside("team/b").delete(second)
      #expect(try await catalog.deleteAccount(team, by: .somebody) == .deleted)
      #expect(try await catalog.deleteAccount(team, by: .somebody) == .unknown)
      #expect(try await catalog.account(team) == nil)
    },
    CatalogSuite("a deleted account takes along its tokens, memberships and what its repositories said") { scenario in
      let (catalog, bob) = (scenario.catalog, AccountName.named("bob"))
      try await scenario.makeOrganization("team")
      let first = try #require(await scenario.makeUser("bob"))
      try await scenario.setRole(.admin, of: "bob", in: "team")
      let token = try await scenario.makeToken("laptop", of: "bob")
      #expect(try await catalog.createRepository(.named("bob/app"), visibility: .public, by: .somebody))
      #expect(try await catalog.deleteAccount(bob, by: .somebody) == .deleted)
      #expect(try await !scenario.hasToken(token))
      #expect(try await catalog.members(of: .named("team")) == [])

      let second = try #require(await scenario.makeUser("bob"))
      #expect(second.id > first.id)
      #expect(try await catalog.tokens(of: bob) == [])
      #expect(try await catalog.memberships(of: bob) == [])
      #expect(try await catalog.repositoryAccess(.named("bob/app")).effectiveVisibility == .private)

      try await scenario.setRole(.read, of: "bob", in: "team")
      #expect(try await catalog.deleteAccount(.named("team"), by: .somebody) == .deleted)
      #expect(try await catalog.memberships(of: bob) == [])
    },
    CatalogSuite("an administrator who is not disabled is usable with a password or a token that manages") { scenario in
      let isUsable = { try await scenario.catalog.hasUsableAdministrator() }
      try await scenario.makeUser("user", passwordHash: "hash")
      #expect(try await !isUsable())
      try await scenario.makeUser("root", isAdministrator: true)
      #expect(try await !isUsable())
      try await scenario.makeToken("expired", of: "root", scopes: [.admin], repositories: [], expiresAt: .farPast)
      try await scenario.makeToken("login", of: "root", kind: .refresh, scopes: [.admin], repositories: [])
      try await scenario.makeToken("packages", of: "root", repositories: [])
      try await scenario.makeToken("some", of: "root", scopes: [.admin], repositories: ["team/*"])
      #expect(try await !isUsable())
      let token = try await scenario.makeToken(
        "holds", of: "root", scopes: [.readPackages, .admin], repositories: [], expiresAt: .farFuture)
      #expect(try await isUsable())
      #expect(try await scenario.catalog.revokeToken(token, by: .somebody))
      #expect(try await !isUsable())
      try await scenario.makeToken("forever", of: "root", scopes: [.admin], repositories: [])
      #expect(try await isUsable())
      try await scenario.change("root", .to(isDisabled: true))
      #expect(try await !isUsable())
      try await scenario.change("user", .to(isAdministrator: true))
      #expect(try await isUsable())
    },
  ]

  static let members: [CatalogSuite] = [
    CatalogSuite("roles are given, changed and taken, and listed from both sides in the order of names") { scenario in
      for name in ["team", "a-team"] { try await scenario.makeOrganization(name) }
      for name in ["carol", "alice", "bob"] { try await scenario.makeUser(name) }
      #expect(try await scenario.setRole(.read, of: "carol", in: "team") == .changed)
      #expect(try await scenario.setRole(.write, of: "alice", in: "team") == .changed)
      #expect(try await scenario.setRole(.admin, of: "alice", in: "a-team") == .changed)
      #expect(try await scenario.setRole(.write, of: "alice", in: "team") == .unchanged)
      #expect(try await scenario.setRole(.admin, of: "carol", in: "team") == .changed)
      #expect(try await scenario.setRole(nil, of: "bob", in: "team") == .unchanged)

      let membership = { (organization: String, user: String, role: Role) in
        Membership(organization: .named(organization), user: .named(user), role: role)
      }
      #expect(
        try await scenario.catalog.members(of: .named("team"))
          == [membership("team", "alice", .write), membership("team", "carol", .admin)])
      #expect(
        try await scenario.catalog.memberships(of: .named("alice"))
          == [membership("a-team", "alice", .admin), membership("team", "alice", .write)])
      #expect(try await scenario.setRole(nil, of: "alice", in: "team") == .changed)
      #expect(try await scenario.setRole(nil, of: "alice", in: "team") == .unchanged)
      #expect(
        try await scenario.catalog.memberships(of: .named("alice")) == [membership("a-team", "alice", .admin)])
      #expect(try await scenario.catalog.members(of: .named("nobody")) == [])
    },
    CatalogSuite("only users are members, and only organisations have them") { scenario in
      for name in ["team", "other"] { try await scenario.makeOrganization(name) }
      for name in ["alice", "bob"] { try await scenario.makeUser(name) }
      #expect(try await scenario.setRole(.read, of: "alice", in: "nowhere") == .unknownOrganization)
      #expect(try await scenario.setRole(.read, of: "alice", in: "bob") == .unknownOrganization)
      #expect(try await scenario.setRole(.read, of: "nobody", in: "team") == .unknownUser)
      #expect(try await scenario.setRole(.read, of: "other", in: "team") == .unknownUser)
    },
  ]

  static let visibility: [CatalogSuite] = [
    CatalogSuite("a repository is private, what its owner's default says, or what it says itself") { scenario in
      let catalog = scenario.catalog
      let name = RepositoryName.named("team/app")
      #expect(
        try await catalog.repositoryAccess(name) == RepositoryAccess(exists: false, visibility: nil, owner: nil))
      #expect(try await catalog.createRepository(name, visibility: nil, by: .somebody))
      #expect(
        try await catalog.repositoryAccess(name) == RepositoryAccess(exists: true, visibility: nil, owner: nil))
      try await scenario.makeOrganization("team")
      let team = try await scenario.change("team", .to(defaultVisibility: .internal))
      #expect(
        try await catalog.repositoryAccess(name) == RepositoryAccess(exists: true, visibility: nil, owner: team))
      #expect(try await catalog.setVisibility(.public, of: name, by: .somebody))
      #expect(
        try await catalog.repositoryAccess(name) == RepositoryAccess(exists: true, visibility: .public, owner: team))
      #expect(try await catalog.setVisibility(nil, of: name, by: .somebody))
      #expect(try await catalog.repositoryAccess(name).effectiveVisibility == .internal)
    },
    CatalogSuite("a repository is made once, and one that uploads made is there already") { scenario in
      let catalog = scenario.catalog
      #expect(try await catalog.createRepository(.named("a/b"), visibility: .internal, by: .somebody))
      #expect(try await !catalog.createRepository(.named("a/b"), visibility: .public, by: .somebody))
      #expect(try await catalog.repositoryAccess(.named("a/b")).visibility == .internal)
      try await catalog.beginUpload(UploadID(), in: .named("a/c"))
      #expect(try await catalog.repositoryAccess(.named("a/c")).exists)
      #expect(try await !catalog.createRepository(.named("a/c"), visibility: .public, by: .somebody))
      #expect(try await !catalog.setVisibility(.public, of: .named("a/d"), by: .somebody))
      #expect(try await !catalog.repositoryAccess(.named("a/d")).exists)
      #expect(try await catalog.repositories(.all, after: nil, limit: 10) == [])
    },
    CatalogSuite("a list shows what the caller may read, in the same order and page by page") { scenario in
      for name in ["open", "inside", "closed"] { try await scenario.makeOrganization(name) }
      try await scenario.change("open", .to(defaultVisibility: .public))
      try await scenario.change("inside", .to(defaultVisibility: .internal))
      for owner in ["open", "inside", "closed", "nobody", "open-b"] {
        for (name, visibility) in [
          ("app", nil), ("internal", Visibility.internal), ("private", .private), ("public", .public),
        ] {
          let place = scenario.inside("\(owner)/\(name)")
          try await place.pushImage(["config"])
          guard let visibility else { continue }
          #expect(try await scenario.catalog.setVisibility(visibility, of: place.repository, by: .somebody))
        }
      }
      try await scenario.inside("open").pushImage(["config"])
      #expect(try await scenario.catalog.createRepository(.named("open/empty"), visibility: nil, by: .somebody))

      let list = { (filter: RepositoryFilter) in
        var pages: [String] = []
        while true {
          let page = try await scenario.catalog.repositories(filter, after: pages.last, limit: 2)
          if page.isEmpty { return pages }
          pages += page.map(\.value)
        }
      }
      let sorted = { (names: [String]) in names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) } }
      let everyone = [
        "open", "open/app", "open/public", "inside/public", "closed/public", "nobody/public", "open-b/public",
      ]
      let accounts =
        everyone + [
          "open/internal", "inside/app", "inside/internal", "closed/internal", "nobody/internal", "open-b/internal",
        ]
      #expect(try await list(.readable(owners: [], andInternal: false)) == sorted(everyone))
      #expect(try await list(.readable(owners: [], andInternal: true)) == sorted(accounts))
      #expect(
        try await list(.readable(owners: [.named("closed"), .named("nobody")], andInternal: true))
          == sorted(accounts + ["closed/app", "closed/private", "nobody/app", "nobody/private"]))
      #expect(
        try await list(.readable(owners: [.named("open")], andInternal: false))
          == sorted(everyone + ["open/internal", "open/private"]))
      #expect(try await list(.all).count == 21)
    },
    CatalogSuite("repositories that have a blob are named, but for those it was deleted from") { scenario in
      let holders = { (limit: Int) in
        try await scenario.catalog.repositories(holding: .blob("a"), limit: limit).map(\.value).sorted()
      }
      #expect(try await holders(10) == [])
      for name in ["one", "two", "three"] {
        try await scenario.inside(name).pushBlob("a")
      }
      try await scenario.inside("four").pushBlob("b")
      #expect(try await scenario.catalog.deleteBlob(.blob("a"), in: .named("two"), by: .somebody) == .deleted)
      #expect(try await holders(10) == ["one", "three"])
      #expect(try await holders(1).count == 1)
      try await scenario.catalog.setBlob(.blob("a"), isMissing: true)
      #expect(try await holders(10) == [])
    },
  ]

  static let keys: [CatalogSuite] = [
    CatalogSuite("the key that was added last comes first, and old ones are forgotten") { scenario in
      #expect(try await scenario.catalog.signingKeys() == [])
      let keys = [3, 1, 2].map { number in
        SigningKey(
          id: "key \(number)", privateKey: [UInt8](repeating: UInt8(number), count: 32),
          createdAt: Timestamp(milliseconds: Int64(number)))
      }
      for key in keys {
        try await scenario.catalog.addSigningKey(key, forgettingBefore: .farPast, by: .berth)
      }
      #expect(try await scenario.catalog.signingKeys() == [keys[2], keys[1], keys[0]])
      let last = SigningKey(id: "key 4", privateKey: [4], createdAt: Timestamp(milliseconds: 1))
      try await scenario.catalog.addSigningKey(last, forgettingBefore: Timestamp(milliseconds: 3), by: .berth)
      #expect(try await scenario.catalog.signingKeys() == [last, keys[0]])
    }
  ]
}

extension Account {
  fileprivate func with(passwordHash: String, defaultVisibility: Visibility) -> Account {
    Account(
      id: id, name: name, kind: kind, passwordHash: passwordHash, isAdministrator: isAdministrator,
      isDisabled: isDisabled, defaultVisibility: defaultVisibility, createdAt: createdAt)
  }
}
