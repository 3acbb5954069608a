internal import GRDB
public import OCI

extension SQLiteCatalog {
  /// What decides about access to a repository.
  public func repositoryAccess(_ repository: RepositoryName) async throws(CatalogError) -> RepositoryAccess {
    try await read(while: "reading who may see \(repository)") { database in
      let own = try database.ownVisibility(of: repository)
      return RepositoryAccess(
        exists: own != nil, visibility: own?.visibility,
        owner: try database.account(AccountName(ownerOf: repository)))
    }
  }

  /// Makes a repository without anything in it.
  ///
  /// - Returns: false where there is one.
  public func createRepository(
    _ repository: RepositoryName, visibility: Visibility?, by actor: Author
  ) async throws(CatalogError) -> Bool {
    try await write(while: "making the repository \(repository)") { database in
      let change = Change(by: actor, in: repository)
      let made = try database.run(
        """
        INSERT INTO repository (name, created_at, visibility) VALUES (?, ?, ?) ON CONFLICT (name) DO NOTHING
        """, [repository.value, change.now.milliseconds, visibility?.rawValue])
      guard made > 0 else { return false }
      try database.record([
        change.event(.repositoryCreate, repository.value, ["visibility": visibility?.rawValue])
      ])
      return true
    }
  }

  /// Changes a repository's visibility; nil stands for its owner's default.
  ///
  /// - Returns: false where there is no such repository.
  public func setVisibility(
    _ visibility: Visibility?, of repository: RepositoryName, by actor: Author
  ) async throws(CatalogError) -> Bool {
    try await write(while: "changing who may see \(repository)") { database in
      guard let old = try database.ownVisibility(of: repository) else { return false }
      guard old.visibility != visibility else { return true }
      try database.run(
        "UPDATE repository SET visibility = ? WHERE name = ?", [visibility?.rawValue, repository.value])
      try database.record([
        Change(by: actor, in: repository).event(
          .repositoryVisibility, repository.value,
          ["from": old.visibility?.rawValue ?? "default", "to": visibility?.rawValue ?? "default"])
      ])
      return true
    }
  }

  /// Repositories that have a blob, up to a number.
  public func repositories(
    holding blob: Digest, limit: Int
  ) async throws(CatalogError) -> [RepositoryName] {
    try await read(while: "looking for repositories with the blob \(blob)") { database in
      try database.all(
        """
        SELECT r.name
        FROM blob b
        JOIN blob_link l ON l.blob_id = b.id AND l.unlinked_at IS NULL
        JOIN repository r ON r.id = l.repository_id
        WHERE b.digest = ? AND b.state = 0 LIMIT ?
        """, [blob.key, limit]
      ) { try $0.repositoryName(at: 0) }
    }
  }
}

/// What a repository itself says about who may see it.
private struct OwnVisibility {
  let visibility: Visibility?
}

extension Database {
  /// - Returns: nil where there is no such repository.
  fileprivate func ownVisibility(of repository: RepositoryName) throws -> OwnVisibility? {
    try first("SELECT visibility FROM repository WHERE name = ?", [repository.value]) { row in
      OwnVisibility(visibility: try row.value(orNilAt: 0))
    }
  }
}
