internal import GRDB
public import OCI

extension SQLiteCatalog {
  /// Everything that keeps a manifest, be it in the trash; nil where the repository has none of that digest.
  public func keepers(
    ofManifest digest: Digest, in repository: RepositoryName
  ) async throws(CatalogError) -> KeptGraph? {
    try await read(while: "looking for what keeps \(digest) of \(repository)") { database in
      let found = try database.first(
        "SELECT id, mirrored_from IS NOT NULL FROM repository WHERE name = ?", [repository.value]
      ) { row in (id: row[0] as Int64, isMirrored: row[1] as Bool) }
      guard let found else { return nil }
      var walk = KeeperWalk(in: found.id, database)
      return try walk.graph(from: digest, isMirrored: found.isMirrored)
    }
  }

  /// What needs a blob of a repository; nil where the repository has none of that digest.
  public func keepers(
    ofBlob digest: Digest, in repository: RepositoryName, _ filter: RepositoryFilter,
    where isListed: @escaping @Sendable (RepositoryName) -> Bool
  ) async throws(CatalogError) -> KeptBlob? {
    try await read(while: "looking for what needs \(digest) in \(repository)") { database in
      let blob = try database.first(
        """
        SELECT r.id, b.id, b.size, w.touched_at
        FROM repository r
        JOIN blob b ON b.digest = ?
        JOIN blob_link l ON l.repository_id = r.id AND l.blob_id = b.id
        LEFT JOIN review w ON w.kind = 1 AND w.repository_id = r.id AND w.subject_id = b.id
        WHERE r.name = ?
        """, [digest.key, repository.value]
      ) { row in
        (repository: row[0] as Int64, id: row[1] as Int64, size: row[2] as Int64, waiting: row.timestamp(at: 3))
      }
      guard let blob else { return nil }
      let manifests = try database.all(
        """
        SELECT \(KeeperWalk.columns)
        FROM manifest_blob n JOIN manifest m ON m.id = n.manifest_id \(KeeperWalk.joins)
        WHERE n.repository_id = ? AND n.blob_id = ? LIMIT ?
        """, [blob.repository, blob.id, KeptGraph.maximumReasons + 1]
      ) { try $0.keptManifest().manifest }
      let (condition, arguments) = filter.condition
      let others = try database.first(
        KeptBlob.maximumRepositories,
        of: """
          SELECT r.name
          FROM blob_link l CROSS JOIN repository r ON r.id = l.repository_id
          WHERE l.blob_id = ? AND l.repository_id <> ? AND l.unlinked_at IS NULL \(condition)
          """, [blob.id, blob.repository] + arguments
      ) { row in isListed(try row.repositoryName(at: 0)) ? true : nil }
      return KeptBlob(
        size: blob.size, manifests: Array(manifests.prefix(KeptGraph.maximumReasons)),
        hasMore: manifests.count > KeptGraph.maximumReasons, otherRepositories: others.count,
        waitingSince: blob.waiting)
    }
  }
}

/// A walk from a manifest up to all that keeps it, within one transaction: a few statements for each level.
private struct KeeperWalk {
  /// What `Row.keptManifest` reads, with `joins`, of `m`, a row of `manifest`.
  static let columns = "m.digest, m.subject_digest, m.unlinked_at, m.untagged_at, t.kept_until, p.pulled_at"
  static let joins = "LEFT JOIN trashed t ON t.manifest_id = m.id LEFT JOIN manifest_pull p ON p.manifest_id = m.id"

  private let repository: Int64
  private let database: Database
  private let now = Timestamp.now
  private var hasMore = false
  private var found: [KeptManifest] = []
  private var places: [Digest: Int] = [:]

  init(in repository: Int64, _ database: Database) {
    self.repository = repository
    self.database = database
  }

  mutating func graph(from root: Digest, isMirrored: Bool) throws -> KeptGraph? {
    var level = [root]
    while !level.isEmpty {
      let room = KeptGraph.maximumCount - found.count
      if level.count > room { hasMore = true }
      let subjects = try add(Array(level.prefix(room)), hidden: found.isEmpty)
      let added = level.filter { isThere($0) }
      guard !added.isEmpty else { break }
      let asked = Set(level)
      try addTags(of: added)
      try addHistory(of: added)
      for (digest, subject) in subjects where isThere(digest) { add(.subject(subject), to: digest) }
      try addIndexes(of: added)
      let known = Set(places.keys).union(asked)
      level = Set(added.flatMap { digest in found[places[digest]!].keepers.map(\.digest) })
        .subtracting(known).sorted()
    }
    guard !found.isEmpty else { return nil }
    try addProtections(of: root)
    // What an image refers to need not be there, and what is not there keeps nothing.
    for place in found.indices { found[place].keepers.removeAll { places[$0.digest] == nil } }
    return KeptGraph(manifests: found, hasMore: hasMore, isMirrored: isMirrored)
  }

  private func isThere(_ digest: Digest) -> Bool {
    guard let place = places[digest], case .there = found[place].state else { return false }
    return true
  }

  private mutating func add(_ keeper: KeptManifest.Keeper, to digest: Digest) {
    guard let place = places[digest] else { return }
    found[place].keepers.append(keeper)
  }

  /// - Parameter hidden: whether deleted ones are told, too.
  /// - Returns: what they refer to.
  private mutating func add(_ digests: [Digest], hidden: Bool) throws -> [(digest: Digest, subject: Digest)] {
    var rows: [(manifest: KeptManifest, subject: Digest?)] = []
    try ValueLists(digests.map(\.key)).forEach { marks, keys in
      rows += try database.all(
        """
        SELECT \(Self.columns) FROM manifest m \(Self.joins)
        WHERE m.repository_id = ? AND m.digest IN (\(marks)) \(hidden ? "" : "AND m.unlinked_at IS NULL")
        """, [repository] + StatementArguments(keys)
      ) { try $0.keptManifest() }
    }
    for row in rows {
      places[row.manifest.digest] = found.count
      found.append(row.manifest)
    }
    return rows.compactMap { row in row.subject.map { (row.manifest.digest, $0) } }
  }

  /// Reads rows about a level, and says that there is more where there are too many.
  private mutating func rows<Element>(
    of level: [Digest], _ select: (String) -> String, _ arguments: (StatementArguments) -> StatementArguments,
    _ make: (Row) throws -> Element
  ) throws -> ArraySlice<Element> {
    var elements: [Element] = []
    try ValueLists(level.map(\.key)).forEach { marks, keys in
      guard elements.count <= KeptGraph.maximumReasons else { return }
      elements += try database.all(
        select(marks), arguments(StatementArguments(keys)) + [KeptGraph.maximumReasons + 1], make)
    }
    if elements.count > KeptGraph.maximumReasons { hasMore = true }
    return elements.prefix(KeptGraph.maximumReasons)
  }

  private mutating func addTags(of level: [Digest]) throws {
    let rules = try Protections(in: repository, database: database).rules(protecting: .tags)
    let repository = repository
    let tags = try rows(
      of: level,
      { "SELECT digest, name FROM tag WHERE repository_id = ? AND digest IN (\($0)) AND ended_at IS NULL LIMIT ?" },
      { [repository] + $0 }
    ) { row in (digest: try row.digest(at: 0), tag: try row.tag(at: 1)) }
    for (digest, tag) in tags {
      guard let place = places[digest] else { continue }
      found[place].reasons.append(.tag(tag, keptBy: rules.first { $0.rule.tags.matches(tag) }))
      // A query only where a tag does not say the whole digest, as few do.
      for subject in try database.subjects(of: [tag], in: repository) { add(.about(subject, tag), to: digest) }
    }
  }

  private mutating func addHistory(of level: [Digest]) throws {
    let (repository, now) = (repository, now.milliseconds)
    let lifetimes = try rows(
      of: level,
      {
        "SELECT digest, name, kept_until FROM tag WHERE repository_id = ? AND digest IN (\($0)) AND kept_until > ? LIMIT ?"
      },
      { [repository] + $0 + [now] }
    ) { row in (digest: try row.digest(at: 0), tag: try row.tag(at: 1), until: Timestamp(milliseconds: row[2])) }
    for lifetime in lifetimes {
      guard let place = places[lifetime.digest] else { continue }
      found[place].reasons.append(.history(lifetime.tag, until: lifetime.until))
    }
  }

  private mutating func addIndexes(of level: [Digest]) throws {
    let repository = repository
    let indexes = try rows(
      of: level,
      {
        """
        SELECT e.digest, parent.digest
        FROM manifest_entry e JOIN manifest parent ON parent.id = e.manifest_id AND parent.unlinked_at IS NULL
        WHERE e.repository_id = ? AND e.digest IN (\($0)) LIMIT ?
        """
      }, { [repository] + $0 }
    ) { row in (digest: try row.digest(at: 0), index: try row.digest(at: 1)) }
    for (digest, index) in indexes { add(.index(index), to: digest) }
  }

  private mutating func addProtections(of root: Digest) throws {
    guard isThere(root) else { return }
    for reason in try Protections(in: repository, database: database).reasons(toKeep: [root]) {
      let digest: Digest
      switch reason {
      case .hold(let hold): digest = hold.manifest.digest
      case .digest(let kept, _, _): digest = kept
      case .tag: continue
      }
      if let place = places[digest] { found[place].reasons.append(.protection(reason)) }
    }
  }
}

extension Row {
  /// The columns `KeeperWalk.columns`, and what the manifest refers to.
  fileprivate func keptManifest() throws -> (manifest: KeptManifest, subject: Digest?) {
    let state: KeptManifest.State
    switch (timestamp(at: 2), timestamp(at: 4)) {
    case (nil, _): state = .there(untaggedSince: timestamp(at: 3))
    case (_?, let keptUntil?) where keptUntil > .now: state = .inTrash(keptUntil: keptUntil)
    case (let hidden?, let keptUntil): state = .waiting(since: Swift.max(hidden, keptUntil ?? hidden))
    }
    return (
      KeptManifest(digest: try digest(at: 0), state: state, pulledAt: timestamp(at: 5)),
      hasNull(atIndex: 1) ? nil : try digest(at: 1)
    )
  }
}
