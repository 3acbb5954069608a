internal import GRDB
internal import OCI

extension SQLiteCatalog {
  /// The repositories and owners of which other bytes are counted than there are, at most a hundred of each. It reads all
  /// links and manifests.
  public func usageFaults() async throws(CatalogError) -> [UsageFault] {
    try await read(while: "adding up what each repository has") { database in
      let faults = { (what: String, sql: String) in
        try database.all(sql) { row in
          UsageFault(
            subject: row[0], note: "\(row[1] as Int64) \(what) are counted, and there are \(row[2] as Int64)")
        }
      }
      return try faults(
        "bytes",
        """
        SELECT name, bytes, found FROM (
          SELECT r.name, r.bytes, \(Usage.counted(in: "r.id")) AS found FROM repository r) AS there
        WHERE bytes <> found LIMIT 100
        """)
        + faults(
          "bytes",
          """
          SELECT owner, bytes, found FROM (
            SELECT u.owner, u.bytes, COALESCE((SELECT SUM(r.bytes) FROM repository r WHERE r.owner = u.owner), 0) AS found
            FROM owner_usage u) AS there
          WHERE bytes <> found LIMIT 100
          """)
        + faults(
          "manifests that need a blob",
          """
          SELECT r.name, COALESCE(l.manifests, 0), l.found
          FROM (
            SELECT k.repository_id, k.manifests, (
              SELECT COUNT(*) FROM manifest_blob n JOIN manifest m ON m.id = n.manifest_id AND m.unlinked_at IS NULL
              WHERE n.repository_id = k.repository_id AND n.blob_id = k.blob_id) AS found
            FROM blob_link k) AS l
          JOIN repository r ON r.id = l.repository_id
          WHERE COALESCE(l.manifests, 0) <> l.found LIMIT 100
          """)
    }
  }

  /// Counts anew what each repository and each owner has.
  public func recountUsage() async throws(CatalogError) {
    try await write(while: "counting what each repository has") { database in
      try database.run(
        """
        UPDATE blob_link SET manifests = (
          SELECT SUM(CASE WHEN m.unlinked_at IS NULL THEN 1 ELSE 0 END)
          FROM manifest_blob n JOIN manifest m ON m.id = n.manifest_id
          WHERE n.repository_id = blob_link.repository_id AND n.blob_id = blob_link.blob_id)
        """)
      try database.run("UPDATE repository SET bytes = \(Usage.counted(in: "repository.id"))")
      try database.run(
        """
        INSERT INTO owner_usage (owner, bytes) SELECT owner, SUM(bytes) FROM repository WHERE true GROUP BY owner
        ON CONFLICT (owner) DO UPDATE SET bytes = excluded.bytes
        """)
    }
  }
}
