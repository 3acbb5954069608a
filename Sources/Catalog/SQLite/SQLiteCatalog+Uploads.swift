internal import GRDB
public import OCI

extension SQLiteCatalog {
  /// Records that an upload has begun.
  public func beginUpload(_ id: UploadID, in repository: RepositoryName) async throws(CatalogError) {
    try await write(.relaxed, while: "beginning the upload \(id) to \(repository)") { database in
      let now = Timestamp.now
      try QuotaCheck(in: repository, database).requireRoom()
      try database.run(
        "INSERT INTO upload (id, repository_id, begun_at) VALUES (?, ?, ?)",
        [id.description, try database.makeRepository(repository, at: now), now.milliseconds])
    }
  }

  /// Whether an upload of that name is in progress in the repository.
  public func upload(_ id: UploadID, in repository: RepositoryName) async throws(CatalogError) -> BegunUpload? {
    try await read(while: "looking for the upload \(id) to \(repository)") { database in
      let isThere = try database.value(
        "SELECT 1 FROM upload u JOIN repository r ON r.id = u.repository_id WHERE u.id = ? AND r.name = ?",
        [id.description, repository.value], as: Int.self)
      return try isThere.map { _ in BegunUpload(quota: try database.tightestQuota(in: repository)) }
    }
  }

  /// Forgets an upload.
  ///
  /// - Returns: whether there was one.
  @discardableResult
  public func endUpload(_ id: UploadID, in repository: RepositoryName) async throws(CatalogError) -> Bool {
    try await write(.relaxed, while: "ending the upload \(id) to \(repository)") { database in
      try database.run(
        "DELETE FROM upload WHERE id = ? AND repository_id = (SELECT id FROM repository WHERE name = ?)",
        [id.description, repository.value]) > 0
    }
  }

  /// The uploads that began before the moment, the oldest first.
  public func uploads(begunBefore cutoff: Timestamp, limit: Int) async throws(CatalogError) -> [UploadRecord] {
    try await read(while: "listing uploads") { database in
      try database.all(
        """
        SELECT u.id, r.name FROM upload u JOIN repository r ON r.id = u.repository_id
        WHERE u.begun_at < ? ORDER BY u.begun_at LIMIT ?
        """, [cutoff.milliseconds, limit]
      ) { row in
        UploadRecord(id: try row.uploadID(at: 0), repository: try row.repositoryName(at: 1))
      }
    }
  }
}

extension Database {
  func repository(_ name: RepositoryName) throws -> Int64? {
    try value("SELECT id FROM repository WHERE name = ?", [name.value])
  }

  func makeRepository(_ name: RepositoryName, at now: Timestamp) throws -> Int64 {
    if let id = try repository(name) { return id }
    try run("INSERT INTO repository (name, created_at) VALUES (?, ?)", [name.value, now.milliseconds])
    return lastInsertedRowID
  }
}
