internal import GRDB
public import OCI

extension SQLiteCatalog {
  /// The repositories that hold a manifest and that a filter lets through, in the order of their names' bytes, after one
  /// name.
  public func repositories(
    _ filter: RepositoryFilter, where isListed: @escaping @Sendable (RepositoryName) -> Bool, after: String?, limit: Int
  ) async throws(CatalogError) -> [RepositoryName] {
    try await read(while: "listing the repositories") { database in
      let (condition, arguments) = filter.condition
      return try database.first(
        limit,
        of:
          """
          SELECT r.name FROM repository r
          WHERE r.name > ? \(condition)
            AND EXISTS (SELECT 1 FROM manifest m WHERE m.repository_id = r.id AND m.unlinked_at IS NULL)
          ORDER BY r.name
          """, [after ?? ""] + arguments
      ) { row in
        let name = try row.repositoryName(at: 0)
        return isListed(name) ? name : nil
      }
    }
  }

  /// A repository's tags, in the order of their bytes, after one tag; nil where it holds no manifest.
  public func tags(
    in repository: RepositoryName, after: String?, limit: Int
  ) async throws(CatalogError) -> [Tag]? {
    try await read(while: "listing the tags of \(repository)") { database in
      let id = try database.value(
        """
        SELECT r.id FROM repository r
        WHERE r.name = ?
          AND EXISTS (SELECT 1 FROM manifest m WHERE m.repository_id = r.id AND m.unlinked_at IS NULL)
        """, [repository.value], as: Int64.self)
      guard let id else { return nil }
      return try database.all(
        "SELECT name FROM tag WHERE repository_id = ? AND ended_at IS NULL AND name > ? ORDER BY name LIMIT ?",
        [id, after ?? "", limit]
      ) { try $0.tag(at: 0) }
    }
  }

  /// The manifests whose subject is the digest, in the order of their digests, after one digest, of one artifact type
  /// where one is given.
  public func referrers(
    to subject: Digest, in repository: RepositoryName, artifactType: String?, after: Digest?, limit: Int
  ) async throws(CatalogError) -> [Descriptor] {
    try await read(while: "listing what refers to \(subject) in \(repository)") { database in
      var condition = ""
      var arguments: StatementArguments = [repository.value, subject.key, after.lowestKeyAfter]
      if let artifactType {
        condition = "AND m.artifact_type = ?"
        arguments += [artifactType]
      }
      return try database.all(
        """
        SELECT m.digest, m.media_type, m.size, m.artifact_type, m.annotations
        FROM repository r JOIN manifest m ON m.repository_id = r.id
        WHERE r.name = ? AND m.subject_digest = ? AND m.digest > ? AND m.unlinked_at IS NULL \(condition)
        ORDER BY m.digest LIMIT ?
        """, arguments + [limit]
      ) { row in
        Descriptor(
          mediaType: try row.mediaType(at: 1), digest: try row.digest(at: 0), size: row[2], artifactType: row[3],
          annotations: try StringsColumn.decode(row[4]))
      }
    }
  }
}

extension RepositoryFilter {
  /// What `r`, a row of `repository`, has to fulfil.
  var condition: (sql: String, arguments: StatementArguments) {
    switch self {
    case .all: ("", [])
    case .readable(let owners, let andInternal):
      (
        """
        AND (
          COALESCE(
            r.visibility, (SELECT a.default_visibility FROM account a WHERE a.name = r.owner), 'private'
          ) IN ('public', ?)
          OR r.owner IN (SELECT value FROM json_each(?)))
        """,
        [
          andInternal ? Visibility.internal.rawValue : Visibility.public.rawValue,
          JSONText.array(owners.map { JSONText.string($0.value) }),
        ]
      )
    }
  }
}
