internal import GRDB
public import OCI

extension SQLiteCatalog {
  /// Everything in a repository that is not deleted, as it is at one moment; nil where there is no such repository.
  public func contents(of repository: RepositoryName) async throws(CatalogError) -> RepositoryContents? {
    try await read(while: "reading what \(repository) holds") { database in
      guard let id = try database.repository(repository) else { return nil }
      var reader = try ContentsReader(of: id, database)
      try reader.readManifests()
      try reader.readTags()
      try reader.readEntries()
      try reader.readBlobs()
      return reader.contents
    }
  }
}

/// Reads a repository within one transaction, in one walk through one index for each kind of row.
private struct ContentsReader {
  private(set) var contents = RepositoryContents()
  private let repository: Int64
  private let database: Database
  private let protectingTags: [ProtectionRule]
  private let held: Set<Digest>
  private var places: [Digest: Int32] = [:]
  /// The rows of the manifests, in their order.
  private var rows: [Int64] = []

  init(of repository: Int64, _ database: Database) throws {
    self.repository = repository
    self.database = database
    let protections = Protections(in: repository, database: database)
    protectingTags = try protections.rules(protecting: .tags)
    held = try Self.held(in: repository, by: try protections.rules(protecting: .digests), database)
  }

  /// What somebody holds, and what has or had a tag that a rule keeps the digests of.
  private static func held(
    in repository: Int64, by rules: [ProtectionRule], _ database: Database
  ) throws -> Set<Digest> {
    var held = Set(
      try database.all("SELECT digest FROM hold WHERE repository_id = ?", [repository]) { try $0.digest(at: 0) })
    guard !rules.isEmpty else { return held }
    let tags = try ColumnCursor(database, "SELECT name, digest FROM tag WHERE repository_id = ?", [repository])
    while try tags.next() {
      let tag = try tags.tag(at: 0)
      if rules.contains(where: { $0.rule.tags.matches(tag) }) { held.insert(try tags.digest(at: 1)) }
    }
    return held
  }

  mutating func readManifests() throws {
    let count = try database.value(
      "SELECT COUNT(*) FROM manifest WHERE repository_id = ? AND unlinked_at IS NULL", [repository], as: Int.self)
    contents.manifests.reserveCapacity(count ?? 0)
    rows.reserveCapacity(count ?? 0)
    places.reserveCapacity(count ?? 0)
    var subjects: [(Int32, Digest)] = []
    let manifests = try ColumnCursor(
      database,
      """
      SELECT m.id, m.digest, m.size, m.pushed_at, p.pulled_at, m.subject_digest
      FROM manifest m LEFT JOIN manifest_pull p ON p.manifest_id = m.id
      WHERE m.repository_id = ? AND m.unlinked_at IS NULL ORDER BY m.id
      """, [repository])
    while try manifests.next() {
      let place = Int32(contents.manifests.count)
      let digest = try manifests.digest(at: 1)
      places[digest] = place
      if !manifests.isNull(at: 5) { subjects.append((place, try manifests.digest(at: 5))) }
      let id = manifests.integer(at: 0)
      rows.append(id)
      contents.manifests.append(
        RepositoryContents.Manifest(
          id: id, digest: digest, size: manifests.integer(at: 2), pushedAt: manifests.moment(at: 3),
          pulledAt: manifests.isNull(at: 4) ? nil : manifests.moment(at: 4), isHeld: held.contains(digest)))
    }
    for (place, subject) in subjects {
      if let from = places[subject] { contents.referrers.append(RepositoryContents.Edge(from: from, to: place)) }
    }
  }

  /// A tag that was brought back is as old as it was before, so that it takes no other's place among the newest.
  mutating func readTags() throws {
    let tags = try ColumnCursor(
      database,
      """
      SELECT
        t.id, t.name, t.digest,
        COALESCE(
          CASE WHEN t.reason = ? THEN (
            SELECT MAX(before.began_at) FROM tag before
            WHERE before.repository_id = t.repository_id AND before.name = t.name AND before.began_at < t.began_at
              AND before.digest = t.digest AND COALESCE(before.reason, '') <> t.reason)
          END,
          t.began_at)
      FROM tag t WHERE t.repository_id = ? AND t.ended_at IS NULL ORDER BY t.name
      """, [TagLifetime.Reason.restore.rawValue, repository])
    while try tags.next() {
      let digest = try tags.digest(at: 2)
      guard let place = places[digest] else { throw CorruptColumn("a tag of a manifest that is not there, \(digest)") }
      let tag = try tags.tag(at: 1)
      contents.tags.append(
        RepositoryContents.NamedTag(
          id: tags.integer(at: 0), tag: tag, manifest: place, beganAt: tags.moment(at: 3),
          isProtected: protectingTags.contains { $0.rule.tags.matches(tag) }))
    }
  }

  mutating func readEntries() throws {
    let entries = try ColumnCursor(
      database, "SELECT digest, manifest_id FROM manifest_entry WHERE repository_id = ?", [repository])
    while try entries.next() {
      guard let child = places[try entries.digest(at: 0)], let parent = place(of: entries.integer(at: 1)) else {
        continue
      }
      contents.entries.append(RepositoryContents.Edge(from: parent, to: child))
    }
  }

  /// Two walks in the order of the blobs, side by side: what needs them, and what they are.
  mutating func readBlobs() throws {
    let links = try ColumnCursor(
      database,
      """
      SELECT l.blob_id, b.digest, b.size, EXISTS (
        SELECT 1 FROM blob_link o
        WHERE o.blob_id = l.blob_id AND o.repository_id <> l.repository_id AND \(Usage.counts("o")))
      FROM blob_link l JOIN blob b ON b.id = l.blob_id
      WHERE l.repository_id = ? AND l.unlinked_at IS NULL ORDER BY l.blob_id
      """, [repository])
    let needs = try ColumnCursor(
      database, "SELECT blob_id, manifest_id FROM manifest_blob WHERE repository_id = ? ORDER BY blob_id", [repository])
    var isNeeded = try needs.next()
    while try links.next() {
      let blob = links.integer(at: 0)
      let start = Int32(contents.blobManifests.count)
      while isNeeded, case let needed = needs.integer(at: 0), needed <= blob {
        if needed == blob, let place = place(of: needs.integer(at: 1)) { contents.blobManifests.append(place) }
        isNeeded = try needs.next()
      }
      let end = Int32(contents.blobManifests.count)
      guard end > start else { continue }
      contents.blobs.append(
        RepositoryContents.Blob(
          digest: try links.digest(at: 1), size: links.integer(at: 2), isShared: links.integer(at: 3) != 0,
          manifests: start..<end))
    }
  }

  /// The place of a manifest's row; nil for one that is hidden.
  private func place(of row: Int64) -> Int32? {
    var (low, high) = (0, rows.count)
    while low < high {
      let middle = (low + high) / 2
      if rows[middle] < row { low = middle + 1 } else { high = middle }
    }
    return low < rows.count && rows[low] == row ? Int32(low) : nil
  }
}
