internal import GRDB
public import OCI

extension SQLiteCatalog {
  /// A tag's lifetimes, the newest first, after one row.
  public func lifetimes(
    of tag: Tag, in repository: RepositoryName, after row: Int64?, limit: Int
  ) async throws(CatalogError) -> [TagLifetime] {
    try await read(while: "reading the history of \(repository):\(tag)") { database in
      guard let id = try database.repository(repository) else { return [] }
      var condition = ""
      var arguments: StatementArguments = [id, tag.value]
      if let row {
        condition = "AND (began_at, id) < (SELECT last.began_at, last.id FROM tag last WHERE last.id = ?)"
        arguments += [row]
      }
      return try database.all(
        """
        SELECT \(TagLifetime.columns) FROM tag WHERE repository_id = ? AND name = ? \(condition)
        ORDER BY began_at DESC, id DESC LIMIT ?
        """, arguments + [limit]
      ) { try $0.lifetime() }
    }
  }

  /// What a tag named at a moment.
  public func lifetime(
    of tag: Tag, in repository: RepositoryName, at moment: Timestamp
  ) async throws(CatalogError) -> TagAtMoment {
    try await read(while: "reading what \(repository):\(tag) named") { database in
      guard let id = try database.repository(repository) else { return .neverSet }
      return try database.lifetime(of: tag, in: id, at: moment)
    }
  }

  /// Has a tag name again what it named before; what is in the trash is restored with it.
  public func rollBack(_ rollback: Rollback) async throws(CatalogError) -> RollbackOutcome {
    let (tag, repository) = (rollback.tag, rollback.repository)
    return try await write(while: "rolling \(repository):\(tag) back") { database in
      guard let id = try database.repository(repository) else { return .noTag }
      let now = try database.digests(of: [tag], in: id)[tag]
      guard rollback.expected.isMet(by: now) else { return .unexpected(now) }
      guard let now else { return .noTag }
      let digest: Digest
      switch rollback.target {
      case .previous:
        guard let previous = try database.digest(before: now, of: tag, in: id) else { return .noPrevious }
        digest = previous
      case .digest(let wanted):
        guard try database.hasNamed(wanted, tag, in: id) else { return .notInHistory(wanted) }
        digest = wanted
      case .moment(let moment):
        let then = try database.lifetime(of: tag, in: id, at: moment)
        guard case .named(let lifetime) = then else { return .nothingThen(then) }
        digest = lifetime.digest
      }
      guard digest != now else { return .unchanged(digest) }
      let change = Change(by: rollback.actor, in: repository)
      let tags = TagRestoration(in: id, database: database, change: change)
      guard let restored = try tags.bringBack(digest) else { return .gone(digest) }
      try database.record(try tags.set([tag], to: digest, because: .rollback))
      return .moved(from: now, to: digest, restored: restored)
    }
  }
}

extension Database {
  fileprivate func lifetime(of tag: Tag, in repository: Int64, at moment: Timestamp) throws -> TagAtMoment {
    let last = try first(
      """
      SELECT \(TagLifetime.columns) FROM tag WHERE repository_id = ? AND name = ? AND began_at <= ?
      ORDER BY began_at DESC, id DESC LIMIT 1
      """, [repository, tag.value, moment.milliseconds]
    ) { try $0.lifetime() }
    if let last {
      if let end = last.end, end.at <= moment { return .deleted(last) }
      return .named(last)
    }
    let earliest = try first(
      """
      SELECT \(TagLifetime.columns) FROM tag WHERE repository_id = ? AND name = ? ORDER BY began_at, id LIMIT 1
      """, [repository, tag.value]
    ) { try $0.lifetime() }
    return earliest.map { .notYet(first: $0) } ?? .neverSet
  }

  /// What a tag named last that it does not name now.
  fileprivate func digest(before now: Digest, of tag: Tag, in repository: Int64) throws -> Digest? {
    try first(
      """
      SELECT digest FROM tag WHERE repository_id = ? AND name = ? AND digest <> ?
      ORDER BY began_at DESC, id DESC LIMIT 1
      """, [repository, tag.value, now.key]
    ) { try $0.digest(at: 0) }
  }

  fileprivate func hasNamed(_ digest: Digest, _ tag: Tag, in repository: Int64) throws -> Bool {
    try value(
      "SELECT 1 FROM tag WHERE repository_id = ? AND name = ? AND digest = ? LIMIT 1",
      [repository, tag.value, digest.key], as: Int.self) != nil
  }
}

extension TagLifetime {
  /// What `Row.lifetime` reads.
  fileprivate static let columns = """
    id, digest, began_at, began_by, began_credential, began_address, reason, ended_at, ended_by, ended_credential, \
    ended_address, is_deleted
    """
}

extension Row {
  /// The columns `TagLifetime.columns`.
  fileprivate func lifetime() throws -> TagLifetime {
    let end = timestamp(at: 7).map { TagLifetime.End(at: $0, by: author(at: 8), isDeletion: self[11]) }
    return TagLifetime(
      row: self[0], digest: try digest(at: 1), beganAt: Timestamp(milliseconds: self[2]), beganBy: author(at: 3),
      reason: try value(orNilAt: 6), end: end)
  }

  /// A name, a credential and an address.
  private func author(at index: Int) -> Author? {
    (self[index] as String?).map { Author(name: $0, credential: self[index + 1], address: self[index + 2]) }
  }
}
