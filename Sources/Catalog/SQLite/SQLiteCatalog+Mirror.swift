internal import GRDB
public import OCI

extension SQLiteCatalog {
  /// The size, in bytes, that a mirrored manifest of the repository says of a blob that is not there, or whose bytes are
  /// lost; nil where no manifest waits for it.
  public func wantedBlob(_ digest: Digest, in repository: RepositoryName) async throws(CatalogError) -> Int64? {
    try await read(while: "looking for who needs the blob \(digest) in \(repository)") { database in
      let wanted = try database.value(
        """
        SELECT w.size FROM repository r JOIN wanted_blob w ON w.repository_id = r.id AND w.digest = ?
        WHERE r.name = ? LIMIT 1
        """, [digest.key, repository.value], as: Int64.self)
      if let wanted { return wanted }
      return try database.value(
        """
        SELECT b.size
        FROM repository r
        JOIN blob b ON b.digest = ? AND b.state = 2
        JOIN blob_link l ON l.repository_id = r.id AND l.blob_id = b.id AND l.unlinked_at IS NULL
        WHERE r.name = ?
        """, [digest.key, repository.value])
    }
  }

  /// A repository of an upstream that has a blob.
  public func mirroredBlob(
    _ digest: Digest, from host: RegistryHost
  ) async throws(CatalogError) -> RepositoryName? {
    try await read(while: "looking for the blob \(digest) among what is mirrored from \(host)") { database in
      try database.first(
        """
        SELECT r.name
        FROM blob b
        JOIN blob_link l ON l.blob_id = b.id AND l.unlinked_at IS NULL
        JOIN repository r ON r.id = l.repository_id AND r.mirrored_from = ?
        WHERE b.digest = ? AND b.state = 0 LIMIT 1
        """, [host.description, digest.key]
      ) { try $0.repositoryName(at: 0) }
    }
  }

  /// Gives all repositories of an upstream a visibility.
  public func setVisibility(
    _ visibility: Visibility, ofMirrorsOf host: RegistryHost
  ) async throws(CatalogError) {
    try await write(while: "changing who may see what is mirrored from \(host)") { database in
      try database.run(
        "UPDATE repository SET visibility = ? WHERE mirrored_from = ? AND visibility IS NOT ?",
        [visibility.rawValue, host.description, visibility.rawValue])
    }
  }

  /// The sizes of all blobs that mirrored manifests need, each once, in bytes. It reads all that is known of them.
  public func mirroredBytes() async throws(CatalogError) -> Int64 {
    let bytes = try await read(while: "adding up what is mirrored") { database in
      try database.value(
        """
        SELECT SUM(b.size) FROM blob b
        WHERE b.state = 0 AND b.id IN (
          SELECT n.blob_id
          FROM mirrored
          CROSS JOIN manifest m ON m.id = mirrored.manifest_id AND m.unlinked_at IS NULL
          CROSS JOIN manifest_blob n ON n.manifest_id = m.id)
        """, as: Int64.self)
    }
    return bytes ?? 0
  }

  /// Hides the mirrored manifests that were pulled least recently, those that an index of the repository lists left out,
  /// and ends their tags. What is held, or kept by a rule that names the mirror, stays.
  ///
  /// `CROSS JOIN` keeps SQLite from beginning with all manifests.
  public func evictMirrored(
    pulledBefore cutoff: Timestamp, waitingSince: Timestamp, limit: Int
  ) async throws(CatalogError) -> Int {
    try await write(while: "hiding what was pulled least recently") { database in
      let kept = try KeptManifests(in: database).ofMirrors()
      let evicted = try database.first(
        limit,
        of: """
          SELECT m.id
          FROM mirrored p CROSS JOIN manifest m ON m.id = p.manifest_id AND m.unlinked_at IS NULL
          WHERE p.pulled_at < ?
            AND NOT EXISTS (
              SELECT 1
              FROM manifest_entry e JOIN manifest parent ON parent.id = e.manifest_id
              WHERE e.repository_id = m.repository_id AND e.digest = m.digest AND parent.unlinked_at IS NULL)
          ORDER BY p.pulled_at, p.manifest_id
          """, [cutoff.milliseconds]
      ) { row in kept.contains(row[0]) ? nil : row[0] as Int64 }
      try ValueLists(evicted).forEach { marks, ids in
        try database.run(
          """
          UPDATE tag SET ended_at = ?, ended_by = ?, is_deleted = 1
          WHERE ended_at IS NULL
            AND (repository_id, digest) IN (SELECT repository_id, digest FROM manifest WHERE id IN (\(marks)))
          """, [Timestamp.now.milliseconds, Author.berth.name] + StatementArguments(ids))
        try database.run("DELETE FROM mirrored WHERE manifest_id IN (\(marks))", StatementArguments(ids))
      }
      try ManifestVisibility(database: database, now: waitingSince).hide(evicted)
      return evicted.count
    }
  }
}

extension Manifest {
  /// The sizes of the blobs that it names, in bytes: config, layers, and what an index lists that is no manifest.
  var blobSizes: [Digest: Int64] {
    let named = [config].compactMap { $0 } + layers + entries.filter { $0.mediaType.manifestKind == nil }
    return Dictionary(named.map { ($0.digest, $0.size) }, uniquingKeysWith: { first, _ in first })
  }
}

extension Database {
  /// Notes that a manifest, which is stored by now, was fetched from an upstream, and which blobs are to come.
  func mirrored(
    _ manifest: Int64, in repository: Int64, from origin: MirrorOrigin, wanting wanted: [Digest: Int64],
    at now: Timestamp
  ) throws {
    try run(
      """
      UPDATE repository SET mirrored_from = ?, visibility = ?
      WHERE id = ? AND (mirrored_from IS NOT ? OR visibility IS NOT ?)
      """,
      [
        origin.host.description, origin.visibility.rawValue, repository, origin.host.description,
        origin.visibility.rawValue,
      ])
    try run(
      """
      INSERT INTO mirrored (manifest_id, pulled_at) VALUES (?, ?)
      ON CONFLICT (manifest_id) DO UPDATE SET pulled_at = excluded.pulled_at
      """, [manifest, now.milliseconds])
    // A manifest that was hidden may have needed them before; what the repository does not show, nothing may need.
    try ValueLists(wanted.keys.map(\.key)).forEach { marks, keys in
      try run(
        """
        DELETE FROM manifest_blob
        WHERE manifest_id = ? AND blob_id IN (SELECT id FROM blob WHERE digest IN (\(marks)))
        """, [manifest] + StatementArguments(keys))
    }
    try ValueRows(wanted.map { [$0.key.key, $0.value] as [any DatabaseValueConvertible] }).forEach { marks, values in
      try run(
        """
        INSERT INTO wanted_blob (manifest_id, repository_id, digest, size)
        SELECT ?, ?, column1, column2 FROM (VALUES \(marks)) AS entry WHERE column1 IS NOT NULL
        ON CONFLICT (manifest_id, digest) DO NOTHING
        """, [manifest, repository] + values)
    }
  }

  /// Notes that a repository has a blob from now on: the manifests that waited for it need it.
  func blobArrived(_ blob: Int64, _ digest: Digest, in repository: Int64) throws {
    try run(
      """
      INSERT INTO manifest_blob (manifest_id, repository_id, blob_id)
      SELECT manifest_id, repository_id, ? FROM wanted_blob WHERE repository_id = ? AND digest = ?
      ON CONFLICT (manifest_id, blob_id) DO NOTHING
      """, [blob, repository, digest.key])
    try run("DELETE FROM wanted_blob WHERE repository_id = ? AND digest = ?", [repository, digest.key])
  }
}
