internal import Catalog

extension AccessControl {
  /// The name of the account that the first start makes.
  private static let administrator = "admin"

  /// Makes a token of an administrator where none could log in, as on the first start.
  ///
  /// - Returns: nil where there is an administrator who can log in.
  public func makeFirstToken() async throws(AccessError) -> TokenSecret? {
    guard try await lookUp({ () throws(CatalogError) in try await !catalog.hasUsableAdministrator() }) else {
      return nil
    }
    guard let name = try? AccountName(parsing: Self.administrator) else { return nil }
    var rescue = AccountChange()
    rescue.isAdministrator = true
    rescue.isDisabled = false
    let change = rescue
    let secret = TokenSecret()
    return try await self.change { () throws(CatalogError) in
      let made = try await catalog.createAccount(
        NewAccount(name: name, kind: .user, isAdministrator: true), by: .berth)
      if made == nil { _ = try await catalog.changeAccount(name, change, by: .berth) }
      let creation = try await catalog.createToken(
        NewToken(hash: secret.hash, owner: name, kind: .personal, name: "first start", scopes: [.admin]), by: .berth)
      if case .created = creation { return secret }
      return nil
    }
  }
}
