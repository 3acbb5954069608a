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

extension SQLiteCatalog {
  /// The digests of blobs, by their rows.
  public func blobDigests(_ rows: [Int64]) async throws(CatalogError) -> [Int64: Digest] {
    try await read(while: "reading the digests of blobs") { database in
      var digests: [Int64: Digest] = [:]
      try ValueLists(rows).forEach { marks, rows in
        let found = try database.all("SELECT id, digest FROM blob WHERE id IN (\(marks))", StatementArguments(rows)) {
          row in (row[0] as Int64, try row.digest(at: 1))
        }
        digests.merge(found) { digest, _ in digest }
      }
      return digests
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
    let rows = try Row.fetchCursor(
      database.cachedStatement(sql: "SELECT name, digest FROM tag WHERE repository_id = ?"), arguments: [repository])
    while let row = try rows.next() {
      let tag = try row.tag(at: 0)
      if rules.contains(where: { $0.rule.tags.matches(tag) }) { held.insert(try row.digest(at: 1)) }
    }
    return held
  }

  mutating func readManifests() throws {
    var subjects: [(Int32, Digest)] = []
    let rows = try Row.fetchCursor(
      database.cachedStatement(
        sql: """
          SELECT m.id, m.digest, m.size, m.pushed_at, p.pulled_at, m.subject_digest
          FROM manifest m LEFT JOIN manifest_pull p ON p.manifest_id = m.id
          WHERE m.repository_id = ? AND m.unlinked_at IS NULL ORDER BY m.id
          """), arguments: [repository])
    while let row = try rows.next() {
      let place = Int32(contents.manifests.count)
      let digest = try row.digest(at: 1)
      places[digest] = place
      if !row.hasNull(atIndex: 5) { subjects.append((place, try row.digest(at: 5))) }
      contents.manifests.append(
        RepositoryContents.Manifest(
          id: row[0], digest: digest, size: row[2], pushedAt: Timestamp(milliseconds: row[3]),
          pulledAt: (row[4] as Int64?).map(Timestamp.init(milliseconds:)), isHeld: held.contains(digest)))
    }
    for (place, subject) in subjects {
      if let from = places[subject] { contents.referrers.append(RepositoryContents.Edge(from: from, to: place)) }
    }
  }

  mutating func readTags() throws {
    let rows = try Row.fetchCursor(
      database.cachedStatement(
        sql: """
          SELECT id, name, digest, began_at FROM tag WHERE repository_id = ? AND ended_at IS NULL ORDER BY name
          """), arguments: [repository])
    while let row = try rows.next() {
      let digest = try row.digest(at: 2)
      guard let place = places[digest] else { throw CorruptColumn("a tag of a manifest that is not there, \(digest)") }
      let tag = try row.tag(at: 1)
      contents.tags.append(
        RepositoryContents.NamedTag(
          id: row[0], tag: tag, manifest: place, beganAt: Timestamp(milliseconds: row[3]),
          isProtected: protectingTags.contains { $0.rule.tags.matches(tag) }))
    }
  }

  mutating func readEntries() throws {
    let rows = try Row.fetchCursor(
      database.cachedStatement(sql: "SELECT digest, manifest_id FROM manifest_entry WHERE repository_id = ?"),
      arguments: [repository])
    while let row = try rows.next() {
      guard let child = places[try row.digest(at: 0)], let parent = place(of: row[1]) else { continue }
      contents.entries.append(RepositoryContents.Edge(from: parent, to: child))
    }
  }

  /// Two walks in the order of the blobs, side by side: what needs them, and what they are.
  mutating func readBlobs() throws {
    let links = try Row.fetchCursor(
      database.cachedStatement(
        sql: """
          SELECT l.blob_id, b.size, EXISTS (
            SELECT 1 FROM blob_link o
            WHERE o.blob_id = l.blob_id AND o.repository_id <> l.repository_id AND o.unlinked_at IS NULL)
          FROM blob_link l JOIN blob b ON b.id = l.blob_id
          WHERE l.repository_id = ? AND l.unlinked_at IS NULL ORDER BY l.blob_id
          """), arguments: [repository])
    let needs = try Row.fetchCursor(
      database.cachedStatement(
        sql: "SELECT blob_id, manifest_id FROM manifest_blob WHERE repository_id = ? ORDER BY blob_id"),
      arguments: [repository])
    var need = try needs.next().map { (blob: $0[0] as Int64, manifest: $0[1] as Int64) }
    while let link = try links.next() {
      let blob: Int64 = link[0]
      let start = contents.blobManifests.count
      while let (needed, manifest) = need, needed <= blob {
        if needed == blob, let place = place(of: manifest) { contents.blobManifests.append(place) }
        need = try needs.next().map { ($0[0], $0[1]) }
      }
      guard contents.blobManifests.count > start else { continue }
      contents.blobs.append(
        RepositoryContents.Blob(
          id: blob, size: link[1], isShared: link[2], manifests: start..<contents.blobManifests.count))
    }
  }

  /// The place of a manifest's row; nil for one that is hidden.
  private func place(of id: Int64) -> Int32? {
    var (low, high) = (0, contents.manifests.count)
    while low < high {
      let middle = (low + high) / 2
      if contents.manifests[middle].id < id { low = middle + 1 } else { high = middle }
    }
    return low < contents.manifests.count && contents.manifests[low].id == id ? Int32(low) : nil
  }
}
