public import Catalog

extension AccessControl {
  /// An account, as administrators, its user and its members may see it.
  ///
  /// - Throws: `unknown`, also where the caller may not know.
  public func account(_ name: AccountName, _ kind: Account.Kind, for caller: Caller) async throws(AccessError)
    -> Account
  {
    let account = try await lookUp { () throws(CatalogError) in try await catalog.account(name) }
    let mayKnow = caller.identity.isAdministrator || caller.identity.role(in: name) != nil
    guard let account, account.kind == kind, mayKnow else {
      throw .unknown("there is no \(kind.rawValue) \(name), or you may not see it")
    }
    return account
  }

  /// Accounts of a kind: all of them for administrators of the registry; for others their own organisations.
  public func accounts(
    _ kind: Account.Kind, after: String?, limit: Int, for caller: Caller
  ) async throws(AccessError) -> [Account] {
    if kind == .user || caller.identity.isAdministrator {
      try requireAdministrator(caller, to: "list \(kind.rawValue)s")
      return try await lookUp { () throws(CatalogError) in
        try await catalog.accounts(kind, after: after, limit: limit)
      }
    }
    guard case .user(_, let roles) = caller.identity.subject else { return [] }
    var own: [Account] = []
    for name in roles.keys.sorted().filter({ $0.value > after ?? "" }).prefix(limit) {
      let account = try await lookUp { () throws(CatalogError) in try await catalog.account(name) }
      if let account { own.append(account) }
    }
    return own
  }

  /// Makes a user, whose password is given as it is or as a hash of crypt(5), or not at all.
  public func createUser(
    _ name: AccountName, password: NewPassword?, isAdministrator: Bool, by caller: Caller
  ) async throws(AccessError) -> Account {
    try requireAdministrator(caller, to: "add a user")
    let hash = try await hash(password)
    return try await create(
      NewAccount(name: name, kind: .user, passwordHash: hash, isAdministrator: isAdministrator), by: caller)
  }

  /// Makes an organisation.
  public func createOrganization(_ name: AccountName, by caller: Caller) async throws(AccessError) -> Account {
    try requireAdministrator(caller, to: "add an organization")
    guard name != .administrator else {
      throw .conflict("\(name) is the name of the user that a start makes where no administrator can log in")
    }
    return try await create(NewAccount(name: name, kind: .organization), by: caller)
  }

  private func create(_ new: NewAccount, by caller: Caller) async throws(AccessError) -> Account {
    let made = try await change { () throws(CatalogError) in try await catalog.createAccount(new, by: caller.actor) }
    guard let made else {
      throw .conflict("there is a user or an organization \(new.name) already: the two share their names")
    }
    return made
  }

  /// A password on its way to the catalogue.
  public enum NewPassword: Sendable {
    case plain(String)
    /// In the notation of crypt(5), as an htpasswd file has it.
    case hash(String)
  }

  private func hash(_ password: NewPassword?) async throws(AccessError) -> String? {
    switch password {
    case nil: return nil
    case .hash(let text):
      do {
        return try PasswordHash(parsing: text).text
      } catch {
        throw .invalid("\(error)")
      }
    case .plain(let text):
      do {
        return try await hasher.hash(try Password(parsing: text)).text
      } catch let error as InvalidPassword {
        throw .invalid("\(error)")
      } catch {
        throw .busy
      }
    }
  }

  /// Changes an account: administrators of the registry may change everything, a user their own password, an
  /// administrator of an organisation its default visibility.
  public func changeAccount(
    _ name: AccountName, _ kind: Account.Kind, password: NewPassword?, isAdministrator: Bool?, isDisabled: Bool?,
    defaultVisibility: Visibility?, by caller: Caller
  ) async throws(AccessError) -> Account {
    let account = try await account(name, kind, for: caller)
    if isAdministrator != nil || isDisabled != nil {
      try requireAdministrator(caller, to: "change what \(name) is on this registry")
    } else {
      try requireAdministration(of: name, caller, to: "change \(name)")
    }
    if password != nil, kind != .user { throw .invalid("an organization has no password: its robots have tokens") }
    if isAdministrator == true, kind != .user { throw .invalid("an organization cannot be an administrator") }
    if isDisabled == true || isAdministrator == false, account.name.value == caller.identity.name {
      throw .conflict("this would lock you out: let another administrator do it")
    }
    var change = AccountChange()
    change.passwordHash = try await hash(password)
    change.isAdministrator = isAdministrator
    change.isDisabled = isDisabled
    change.defaultVisibility = defaultVisibility
    let wanted = change
    let changed = try await self.change { () throws(CatalogError) in
      try await catalog.changeAccount(name, wanted, by: caller.actor)
    }
    guard let changed else { throw .unknown("there is no \(kind.rawValue) \(name)") }
    return changed
  }

  /// Deletes an account with its tokens and memberships.
  public func deleteAccount(
    _ name: AccountName, _ kind: Account.Kind, by caller: Caller
  ) async throws(AccessError) {
    try requireAdministrator(caller, to: "delete \(name)")
    _ = try await account(name, kind, for: caller)
    guard name.value != caller.identity.name else {
      throw .conflict("this would lock you out: let another administrator do it")
    }
    let deletion = try await change { () throws(CatalogError) in
      try await catalog.deleteAccount(name, by: caller.actor)
    }
    switch deletion {
    case .deleted: break
    case .unknown: throw .unknown("there is no \(kind.rawValue) \(name)")
    case .owns(let repository):
      throw .conflict("\(name) owns \(repository), which holds manifests: delete those first, or disable the account")
    }
  }

  // MARK: Members

  /// The members of an organisation, as those may see who are among them.
  public func members(of organization: AccountName, for caller: Caller) async throws(AccessError) -> [Membership] {
    _ = try await account(organization, .organization, for: caller)
    return try await lookUp { () throws(CatalogError) in try await catalog.members(of: organization) }
  }

  /// Gives a user a role in an organisation, or takes it away.
  public func setRole(
    _ role: Role?, of user: AccountName, in organization: AccountName, by caller: Caller
  ) async throws(AccessError) {
    _ = try await account(organization, .organization, for: caller)
    try requireAdministration(of: organization, caller, to: "change the members of \(organization)")
    let outcome = try await change { () throws(CatalogError) in
      try await catalog.setRole(role, of: user, in: organization, by: caller.actor)
    }
    switch outcome {
    case .changed, .unchanged: break
    case .unknownOrganization: throw .unknown("there is no organization \(organization)")
    case .unknownUser: throw .unknown("there is no user \(user)")
    }
  }
}
