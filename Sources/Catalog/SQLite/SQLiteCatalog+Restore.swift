internal import GRDB
internal import OCI

extension SQLiteCatalog {
  /// Restores a tag or a manifest, with what it lists at any depth and the referrers that no person deleted.
  public func restore(_ restoration: Restoration) async throws(CatalogError) -> RestorationOutcome {
    let repository = restoration.repository
    return try await write(while: "restoring \(restoration.reference) of \(repository)") { database in
      guard let id = try database.repository(repository) else { return .unknown }
      let change = Change(by: restoration.actor, in: repository)
      let tags = TagRestoration(in: id, database: database, change: change)
      switch restoration.reference {
      case .tag(let tag): return try Self.restore(tag, in: id, tags, change, database)
      case .digest(let digest):
        return try Self.restore(digest, in: id, withTags: restoration.withTags, tags, change, database)
      }
    }
  }

  private static func restore(
    _ tag: Tag, in repository: Int64, _ tags: TagRestoration, _ change: Change, _ database: Database
  ) throws -> RestorationOutcome {
    let last = try database.first(
      """
      SELECT digest, kept_until FROM tag WHERE repository_id = ? AND name = ? AND +is_deleted = 1
      ORDER BY began_at DESC, id DESC LIMIT 1
      """, [repository, tag.value]
    ) { row in (digest: try row.digest(at: 0), keptUntil: row.timestamp(at: 1)) }
    let deleted = last.flatMap { last in last.keptUntil.map { $0 > change.now } == true ? last.digest : nil }
    let now = try database.digests(of: [tag], in: repository)[tag]
    if let now { return deleted == nil || deleted == now ? .unchanged(now) : .taken(now) }
    guard let deleted else { return .unknown }
    guard let restored = try tags.bringBack(deleted) else { return .gone(deleted) }
    let moves = try tags.set([tag], to: deleted, because: .restore)
    try database.record(events(of: deleted, restored, [tag], change) + moves)
    return .restored(deleted, manifests: restored, tags: [tag], taken: [])
  }

  private static func restore(
    _ digest: Digest, in repository: Int64, withTags: Bool, _ tags: TagRestoration, _ change: Change,
    _ database: Database
  ) throws -> RestorationOutcome {
    let names =
      withTags
      ? try database.all(
        """
        SELECT t.name
        FROM manifest m
        JOIN trashed d ON d.manifest_id = m.id
        JOIN tag t ON t.repository_id = m.repository_id AND t.digest = m.digest AND t.kept_until > ?
        WHERE m.repository_id = ? AND m.digest = ? AND t.is_deleted = 1 AND t.ended_at = d.deleted_at
        """, [change.now.milliseconds, repository, digest.key]
      ) { try $0.tag(at: 0) } : []
    guard let restored = try tags.bringBack(digest) else { return .unknown }
    guard !restored.isEmpty else { return .unchanged(digest) }
    let taken = Set(try database.digests(of: names, in: repository).keys)
    let free = Set(names).subtracting(taken).sorted { $0.value < $1.value }
    let moves = free.isEmpty ? [] : try tags.set(free, to: digest, because: .restore)
    try database.record(events(of: digest, restored, free, change) + moves)
    return .restored(digest, manifests: restored, tags: free, taken: taken.sorted { $0.value < $1.value })
  }

  private static func events(
    of digest: Digest, _ restored: [Digest], _ tags: [Tag], _ change: Change
  ) -> [AuditEvent] {
    guard !restored.isEmpty else { return [] }
    return [
      change.event(
        .manifestRestore, digest.description,
        [
          "manifests": "\(restored.count)",
          "tags": tags.isEmpty ? nil : tags.map(\.value).joined(separator: " "),
        ])
    ]
  }
}
