internal import GRDB
internal import OCI

extension SQLiteCatalog {
  /// Records that a run is being undone, where it was not before.
  ///
  /// - Returns: the run as it is then; nil where there is none, or nothing of it was applied.
  public func beginUndoing(_ run: Int64, by actor: Author) async throws(CatalogError) -> RetentionRun? {
    try await write(while: "beginning to undo the retention run \(run)") { database in
      let now = Change(by: actor).now
      let begun = try database.run(
        """
        UPDATE retention_run SET undone_at = ?, undone_by = ?
        WHERE id = ? AND applied_at IS NOT NULL AND undone_at IS NULL
        """, [now.milliseconds, actor.name, run])
      guard let found = try database.retentionRun(run), found.applied != nil else { return nil }
      if begun > 0 {
        try database.record([
          Change(by: actor, in: found.scope.repository).event(
            .retentionUndo, found.scope.description, ["run": String(run)])
        ])
      }
      return found
    }
  }

  /// Brings back what a part of a run that is being undone took last, up to a number of things.
  ///
  /// - Returns: how many were looked at; 0 where all have been.
  public func undoRetention(
    _ removals: StoredRemovals, count: Int, by actor: Author
  ) async throws(CatalogError) -> Int {
    try await write(while: "bringing back to \(removals.name) what the retention run \(removals.run) took") {
      database in
      let end = try database.value(
        """
        SELECT p.done - p.undone
        FROM retention_part p JOIN retention_run run ON run.id = p.run_id AND run.undone_at IS NOT NULL
        WHERE p.id = ?
        """, [removals.part], as: Int.self)
      guard let end, end > 0 else { return 0 }
      let start = max(0, end - count)
      let change = Change(by: actor, in: removals.name)
      let transaction = try ReturnTransaction(removals, places: start..<end, change, database)
      for slice in removals.removals.slice(from: start, count: end - start).reversed() {
        try transaction.bringBack(slice.step, from: slice.place)
      }
      try database.run(
        "UPDATE retention_part SET undone = undone + ? WHERE id = ?", [end - start, removals.part])
      return end - start
    }
  }
}

/// Brings back what a retention run took from one repository, within one transaction.
private struct ReturnTransaction {
  private let removals: StoredRemovals
  private let change: Change
  private let database: Database
  /// The places of what the run left alone.
  private let left: Set<Int>

  init(_ removals: StoredRemovals, places: Range<Int>, _ change: Change, _ database: Database) throws {
    self.removals = removals
    self.change = change
    self.database = database
    left = Set(
      try database.all(
        "SELECT place FROM retention_left WHERE part_id = ? AND place >= ? AND place < ?",
        [removals.part, places.lowerBound, places.upperBound]
      ) { $0[0] })
  }

  /// - Parameter place: that of the first thing among all that went.
  func bringBack(_ step: RetentionRemovals.Step, from place: Int) throws {
    var places: [Int64: Int] = [:]
    for (item, place) in zip(step.items, place...) where !left.contains(place) { places[item.row] = place }
    switch step.kind {
    case .tags: try bringBackTags(places)
    case .manifests: try bringBackManifests(places)
    }
  }

  /// What is visible was restored or pushed meanwhile, and what somebody deleted himself stays deleted.
  private func bringBackManifests(_ places: [Int64: Int]) throws {
    var there: Set<Int64> = []
    var trashed: [Int64: Digest] = [:]
    try ValueLists(places.keys).forEach { marks, rows in
      let found = try database.all(
        """
        SELECT m.id, m.digest, m.unlinked_at IS NULL
        FROM manifest m LEFT JOIN trashed t ON t.manifest_id = m.id
        WHERE m.id IN (\(marks))
          AND (m.unlinked_at IS NULL OR (t.deleted_by IS NULL AND t.kept_until > ?))
        """, StatementArguments(rows) + [change.now.milliseconds]
      ) { row in (row: row[0] as Int64, digest: try row.digest(at: 1), isThere: row[2] as Bool) }
      for manifest in found {
        if manifest.isThere { there.insert(manifest.row) } else { trashed[manifest.row] = manifest.digest }
      }
    }
    try ManifestVisibility(database: database, now: change.now).show(Array(trashed.keys))
    try database.record(
      trashed.sorted { $0.key < $1.key }.map { event(.manifestRestore, $0.value.description, $0.value) })
    try settle("restored_manifests", trashed.count)
    try lose(places.filter { !there.contains($0.key) && trashed[$0.key] == nil }, because: .expired)
  }

  private func bringBackTags(_ places: [Int64: Int]) throws {
    var lifetimes: [Int64: (tag: Tag, digest: Digest, isThere: Bool)] = [:]
    try ValueLists(places.keys).forEach { marks, rows in
      let found = try database.all(
        """
        SELECT t.id, t.name, t.digest, EXISTS (
          SELECT 1 FROM manifest m
          WHERE m.repository_id = t.repository_id AND m.digest = t.digest AND m.unlinked_at IS NULL)
        FROM tag t WHERE t.id IN (\(marks))
        """, StatementArguments(rows)
      ) { row in (row[0] as Int64, (tag: try row.tag(at: 1), digest: try row.digest(at: 2), isThere: row[3] as Bool)) }
      lifetimes.merge(found) { lifetime, _ in lifetime }
    }
    let set = try database.digests(of: lifetimes.values.map(\.tag), in: removals.repository)
    let free = lifetimes.filter { $0.value.isThere && set[$0.value.tag] == nil }
    let begun = try TagRestoration(in: removals.repository, database: database, change: change)
      .set(lifetimes: Array(free.keys))
    try database.record(begun)
    try settle("restored_tags", begun.count)
    try lose(
      places.filter { row, _ in
        guard let lifetime = lifetimes[row], let now = set[lifetime.tag] else { return false }
        return now != lifetime.digest
      }, because: .taken)
    try lose(
      places.filter { row, _ in
        guard let lifetime = lifetimes[row] else { return true }
        return !lifetime.isThere && set[lifetime.tag] == nil
      }, because: .expired)
  }

  private func event(_ action: AuditEvent.Action, _ subject: String, _ digest: Digest) -> AuditEvent {
    change.event(action, subject, ["run": String(removals.run), "digest": digest.description])
  }

  private func settle(_ column: String, _ number: Int) throws {
    try database.run(
      "UPDATE retention_part SET \(column) = \(column) + ? WHERE id = ?", [number, removals.part])
  }

  private func lose(_ places: [Int64: Int], because reason: LeftReason) throws {
    let rows: [[(any DatabaseValueConvertible)?]] = places.values.sorted().map {
      [removals.part, $0, reason.rawValue]
    }
    try ValueRows(rows).forEach { marks, values in
      try database.run(
        """
        INSERT INTO retention_left (part_id, place, reason)
        SELECT * FROM (VALUES \(marks)) AS event WHERE column1 IS NOT NULL
        """, values)
    }
  }
}
