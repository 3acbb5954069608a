internal import Catalog

extension AccessControl {
  /// Makes a token of an administrator where none could log in, as on the first start.
  ///
  /// - Returns: nil where there is an administrator who can log in.
  public func makeFirstToken() async throws(AccessError) -> TokenSecret? {
    guard try await lookUp({ () throws(CatalogError) in try await !catalog.hasUsableAdministrator() }) else {
      return nil
    }
    let secret = TokenSecret()
    let creation = try await self.change { () throws(CatalogError) in
      let name = AccountName.administrator
      if try await catalog.account(name) == nil {
        _ = try await catalog.createAccount(NewAccount(name: name, kind: .user, isAdministrator: true), by: .berth)
      } else {
        var rescue = AccountChange()
        (rescue.isAdministrator, rescue.isDisabled) = (true, false)
        _ = try await catalog.changeAccount(name, rescue, by: .berth)
      }
      return try await catalog.createToken(
        NewToken(hash: secret.hash, owner: name, kind: .personal, name: "first start", scopes: [.admin]), by: .berth)
    }
    guard case .created = creation else {
      throw .failed("no token could be made for the administrator \(AccountName.administrator): \(creation)")
    }
    return secret
  }
}

extension AccountName {
  /// The user that the first start makes.
  static let administrator: AccountName = {
    do {
      return try AccountName(parsing: "admin")
    } catch {
      preconditionFailure("the name is one: \(error)")
    }
  }()
}
