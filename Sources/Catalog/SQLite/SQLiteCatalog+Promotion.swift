internal import GRDB
internal import OCI

extension SQLiteCatalog {
  /// Has tags name a manifest of the same or another repository: all of them, with all that belongs to the manifest, or
  /// none.
  public func promote(_ promotion: Promotion) async throws(CatalogError) -> PromotionOutcome {
    try await write(while: "promoting \(promotion.source) to \(promotion.repository)") { database in
      try PromotionTransaction(promotion, database: database).carryOut()
    }
  }
}

/// The transaction that promotes one manifest.
private struct PromotionTransaction {
  private let promotion: Promotion
  private let database: Database
  private let change: Change

  init(_ promotion: Promotion, database: Database) {
    self.promotion = promotion
    self.database = database
    change = Change(by: promotion.actor, in: promotion.repository)
  }

  func carryOut() throws -> PromotionOutcome {
    guard let source = try database.repository(promotion.source), let root = try root(in: source) else {
      return .unknown
    }
    let known = try database.repository(promotion.repository)
    let before = try known.map { try database.digests(of: promotion.tags, in: $0) } ?? [:]
    let tags = Set(promotion.tags).sorted { $0.value < $1.value }
    for tag in tags where before[tag] != root.digest && !promotion.expected.isMet(by: before[tag]) {
      return .unexpected(tag, before[tag])
    }
    var copy = GraphCopy(manifests: [], tags: [])
    if promotion.source != promotion.repository {
      copy = try whole(root.manifest, in: source)
      if let missing = try missing(from: copy.manifests, in: source) { return .incomplete(missing) }
    }
    let quotas = try QuotaCheck(in: promotion.repository, database)
    let target = try known ?? database.makeRepository(promotion.repository, at: change.now)
    let added = try add(copy.manifests, to: target)
    let moves = try TagRestoration(in: target, database: database, change: change)
      .set(tags, to: root.digest, because: .promotion)
    let (referrerTags, referrerMoves) = try set(copy.tags, in: target)
    try quotas.finish()
    let result = PromotionResult(
      digest: root.digest, moves: tags.map { .init(tag: $0, from: before[$0]) }, added: added,
      referrerTags: referrerTags)
    if result.isChange { try database.record([event(result)] + moves + referrerMoves) }
    return .promoted(result)
  }

  private func root(in source: Int64) throws -> (manifest: Int64, digest: Digest)? {
    let digest: Digest? =
      switch promotion.reference {
      case .digest(let digest): digest
      case .tag(let tag): try database.digests(of: [tag], in: source)[tag]
      }
    guard let digest else { return nil }
    return try database.first(
      "SELECT id FROM manifest WHERE repository_id = ? AND digest = ? AND unlinked_at IS NULL", [source, digest.key]
    ) { row in (row[0] as Int64, digest) }
  }

  private func event(_ result: PromotionResult) -> AuditEvent {
    let before = result.moves.compactMap { move in move.from.map { "\(move.tag)=\($0)" } }
    return change.event(
      .promote, result.moves.map(\.tag.value).joined(separator: " "),
      [
        "source": "\(promotion.source)\(promotion.reference.suffix)", "digest": result.digest.description,
        "before": before.isEmpty ? nil : before.joined(separator: " "),
        "manifests": result.added.isEmpty ? nil : "\(result.added.count)",
      ])
  }

  // MARK: What belongs to a manifest

  /// Manifests of the source, and the tags there by which tools keep what refers to them.
  private struct GraphCopy {
    var manifests: [Int64]
    var tags: [(tag: Tag, digest: Digest)]
  }

  /// The manifest with what it lists, what refers to them, and what the tags of older schemes name.
  private func whole(_ root: Int64, in source: Int64) throws -> GraphCopy {
    let graph = ManifestGraph(database: database, scope: .visible)
    var copy = GraphCopy(manifests: [], tags: [])
    var next = [root]
    while !next.isEmpty {
      let known = Set(copy.manifests)
      let reached = try graph.reached(from: next).filter { !known.contains($0) }
      copy.manifests += reached
      let tagged = try referrerTags(of: reached, in: source)
      copy.tags += tagged.map { ($0.tag, $0.digest) }
      next = tagged.map(\.manifest).filter { !known.contains($0) && !reached.contains($0) }
    }
    return copy
  }

  private func referrerTags(
    of manifests: [Int64], in source: Int64
  ) throws -> [(tag: Tag, manifest: Int64, digest: Digest)] {
    var found: [(tag: Tag, manifest: Int64, digest: Digest)] = []
    let names = try database.digests(of: manifests).flatMap { Tag.referrerTags(of: $0) }
    try ValueLists(names.map(\.value)).forEach { marks, names in
      found += try database.all(
        """
        SELECT t.name, m.id, t.digest
        FROM tag t
        JOIN manifest m ON m.repository_id = t.repository_id AND m.digest = t.digest AND m.unlinked_at IS NULL
        WHERE t.repository_id = ? AND t.name IN (\(marks)) AND t.ended_at IS NULL
        """, [source] + StatementArguments(names)
      ) { row in (try row.tag(at: 0), row[1] as Int64, try row.digest(at: 2)) }
    }
    return found
  }

  /// Something that the manifests need and the source does not have: a blob whose bytes are lost, or of a mirror what it
  /// has not fetched. Of what was pushed, an index may list what is not there.
  private func missing(from manifests: [Int64], in source: Int64) throws -> Digest? {
    let isMirror =
      try database.value(
        "SELECT 1 FROM repository WHERE id = ? AND mirrored_from IS NOT NULL", [source], as: Int.self) != nil
    var missing: Digest?
    try ValueLists(manifests).forEach { marks, ids in
      guard missing == nil else { return }
      let ids = StatementArguments(ids)
      missing = try database.first(
        """
        SELECT b.digest FROM manifest_blob n JOIN blob b ON b.id = n.blob_id AND b.state <> 0
        WHERE n.manifest_id IN (\(marks)) LIMIT 1
        """, ids
      ) { try $0.digest(at: 0) }
      guard missing == nil, isMirror else { return }
      missing = try database.first(
        "SELECT digest FROM wanted_blob WHERE manifest_id IN (\(marks)) LIMIT 1", ids
      ) { try $0.digest(at: 0) }
      guard missing == nil else { return }
      missing = try database.first(
        """
        SELECT e.digest FROM manifest_entry e
        WHERE e.manifest_id IN (\(marks))
          AND NOT EXISTS (
            SELECT 1 FROM manifest m
            WHERE m.repository_id = e.repository_id AND m.digest = e.digest AND m.unlinked_at IS NULL)
        LIMIT 1
        """, ids
      ) { try $0.digest(at: 0) }
    }
    return missing
  }

  // MARK: What is added to the target

  /// Stores manifests of another repository, with links to their blobs.
  ///
  /// - Returns: those that were not there.
  private func add(_ manifests: [Int64], to target: Int64) throws -> [Digest] {
    var added: Set<Digest> = []
    let now = change.now.milliseconds
    try ValueLists(manifests).forEach { marks, ids in
      let ids = StatementArguments(ids)
      try database.run(
        """
        INSERT INTO blob_link (repository_id, blob_id, linked_at)
        SELECT DISTINCT ?, n.blob_id, ? FROM manifest_blob n WHERE n.manifest_id IN (\(marks))
        ON CONFLICT (repository_id, blob_id) DO UPDATE SET unlinked_at = NULL
        """, [target, now] + ids)
      added.formUnion(
        try database.all(
          """
          INSERT INTO manifest (
            repository_id, digest, media_type, artifact_type, subject_digest, size, pushed_at, untagged_at, annotations,
            bytes)
          SELECT ?, digest, media_type, artifact_type, subject_digest, size, ?, ?, annotations, bytes
          FROM manifest WHERE id IN (\(marks))
          ON CONFLICT (repository_id, digest) DO UPDATE SET unlinked_at = NULL, untagged_at = excluded.untagged_at
            WHERE manifest.unlinked_at IS NOT NULL
          RETURNING digest
          """, [target, now, now] + ids
        ) { try $0.digest(at: 0) })
      try database.run(
        """
        INSERT INTO manifest_blob (manifest_id, repository_id, blob_id)
        SELECT copy.id, copy.repository_id, n.blob_id
        FROM manifest m
        JOIN manifest copy ON copy.repository_id = ? AND copy.digest = m.digest
        JOIN manifest_blob n ON n.manifest_id = m.id
        WHERE m.id IN (\(marks))
        ON CONFLICT (manifest_id, blob_id) DO NOTHING
        """, [target] + ids)
      try database.run(
        """
        INSERT INTO manifest_entry (manifest_id, repository_id, digest)
        SELECT copy.id, copy.repository_id, e.digest
        FROM manifest m
        JOIN manifest copy ON copy.repository_id = ? AND copy.digest = m.digest
        JOIN manifest_entry e ON e.manifest_id = m.id
        WHERE m.id IN (\(marks))
        ON CONFLICT (manifest_id, digest) DO NOTHING
        """, [target] + ids)
    }
    return added.sorted()
  }

  /// Sets the tags of older schemes; a list of referrers that is there grows with what is pushed there, and stays.
  private func set(
    _ tags: [(tag: Tag, digest: Digest)], in target: Int64
  ) throws -> (tags: [Tag], events: [AuditEvent]) {
    let there = try database.digests(of: tags.map(\.tag), in: target)
    let restoration = TagRestoration(in: target, database: database, change: change)
    let changed = tags.filter { tag, digest in
      there[tag] == nil || there[tag] != digest && DigestTag(tag)?.isList == false
    }
    let events = try Dictionary(grouping: changed, by: \.digest).flatMap { digest, tags in
      try restoration.set(tags.map(\.tag), to: digest, because: .promotion)
    }
    return (changed.map(\.tag).sorted { $0.value < $1.value }, events)
  }
}

extension Tag {
  /// The tags by which tools without the referrers API keep what refers to a digest: a list of it, and cosign's.
  fileprivate static func referrerTags(of digest: Digest) -> [Tag] {
    let list = Tag(referrersOf: digest)
    return [list] + cosignSuffixes.compactMap { try? Tag(parsing: list.value + $0) }
  }

  private static let cosignSuffixes = [".sig", ".att", ".sbom"]
}

extension Reference {
  /// As it stands behind a repository's name.
  fileprivate var suffix: String {
    switch self {
    case .tag(let tag): ":\(tag)"
    case .digest(let digest): "@\(digest)"
    }
  }
}
