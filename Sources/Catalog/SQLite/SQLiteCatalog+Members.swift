internal import GRDB
internal import OCI

extension SQLiteCatalog {
  /// The members of an organisation, in the order of their names' bytes.
  public func members(of organization: AccountName) async throws(CatalogError) -> [Membership] {
    try await read(while: "listing the members of \(organization)") { database in
      try database.all(
        """
        SELECT o.name, u.name, m.role
        FROM account o JOIN member m ON m.organization_id = o.id JOIN account u ON u.id = m.user_id
        WHERE o.name = ?
        """, [organization.value]
      ) { try $0.membership() }
    }.sorted { $0.user < $1.user }
  }

  /// The organisations that a user is a member of, in the order of their names' bytes.
  public func memberships(of user: AccountName) async throws(CatalogError) -> [Membership] {
    try await read(while: "listing the organisations of \(user)") { database in
      try database.all(
        """
        SELECT o.name, u.name, m.role
        FROM account u JOIN member m ON m.user_id = u.id JOIN account o ON o.id = m.organization_id
        WHERE u.name = ?
        """, [user.value]
      ) { try $0.membership() }
    }.sorted { $0.organization < $1.organization }
  }

  /// Gives a user a role in an organisation, or none.
  public func setRole(
    _ role: Role?, of user: AccountName, in organization: AccountName, by actor: Author
  ) async throws(CatalogError) -> MemberChange {
    try await write(while: "changing the role of \(user) in \(organization)") { database in
      let team = try database.account(organization)
      guard let team, team.kind == .organization else { return .unknownOrganization }
      guard let person = try database.account(user), person.kind == .user else { return .unknownUser }
      let old: Role? = try database.first(
        "SELECT role FROM member WHERE organization_id = ? AND user_id = ?", [team.id, person.id]
      ) { try $0.value(at: 0) }
      guard role != old else { return .unchanged }

      var detail = ["organization": organization.value, "from": old?.rawValue]
      if let role {
        try database.run(
          """
          INSERT INTO member (organization_id, user_id, role) VALUES (?, ?, ?)
          ON CONFLICT (organization_id, user_id) DO UPDATE SET role = excluded.role
          """, [team.id, person.id, role.rawValue])
        detail["role"] = role.rawValue
      } else {
        try database.run("DELETE FROM member WHERE organization_id = ? AND user_id = ?", [team.id, person.id])
      }
      let action: AuditEvent.Action = role == nil ? .memberRemove : .memberSet
      try database.record([Change(by: actor).event(action, user.value, detail)])
      return .changed
    }
  }
}

extension Row {
  /// Columns `organization, user, role`.
  fileprivate func membership() throws -> Membership {
    Membership(organization: try accountName(at: 0), user: try accountName(at: 1), role: try value(at: 2))
  }
}
