internal import Foundation
internal import GRDB
public import OCI

extension SQLiteCatalog {
  /// Begins a run. What was committed before is seen by whoever reads from now on, and everything else happens at or
  /// after the moment that the run says.
  public func beginRetentionRun(
    _ scope: RepositoryScope, by actor: Author
  ) async throws(CatalogError) -> RetentionRun {
    try await write(while: "beginning a retention run of \(scope)") { database in
      let change = Change(by: actor, in: scope.repository)
      let id = try database.value(
        "INSERT INTO retention_run (scope, owner, begun_at, begun_by) VALUES (?, ?, ?, ?) RETURNING id",
        [scope.description, scope.owner?.value ?? "", change.now.milliseconds, actor.name], as: Int64.self)
      guard let id else { throw CorruptColumn("no row for a run that was begun") }
      try database.record([change.event(.retentionPlan, scope.description, ["run": String(id)])])
      return RetentionRun(
        id: id, scope: scope, begun: RetentionRun.Deed(at: change.now, by: actor.name), isPlanned: false, applied: nil,
        undone: nil)
    }
  }

  /// Stores what a run takes from one repository.
  public func addRetentionPart(_ part: NewRetentionPart) async throws(CatalogError) {
    let rules = JSONText.array(part.rules.map(JSONText.string))
    let removals = RemovalsColumn.encode(part.removals)
    try await write(while: "storing what goes from \(part.repository)") { database in
      let id = try database.value(
        """
        INSERT INTO retention_part (
          run_id, repository_id, fault, tags, manifests, blobs, bytes, done, removed_tags, removed_manifests)
        SELECT ?, r.id, ?, ?, ?, ?, ?, 0, 0, 0 FROM repository r WHERE r.name = ?
        RETURNING id
        """,
        [
          part.run, part.fault, part.totals.tags, part.totals.manifests, part.totals.blobs, part.totals.bytes,
          part.repository.value,
        ], as: Int64.self)
      guard let id, part.fault == nil else { return }
      try database.run(
        "INSERT INTO retention_removals (part_id, rules, removals) VALUES (?, ?, ?)", [id, rules, removals])
    }
  }

  /// Records that a plan is whole, and can be applied.
  public func retentionPlanned(_ run: Int64) async throws(CatalogError) {
    try await write(while: "storing the retention run \(run)") { database in
      try database.run(
        "UPDATE retention_run SET planned_at = ? WHERE id = ? AND planned_at IS NULL",
        [Timestamp.now.milliseconds, run])
    }
  }

  /// Records that a run is being applied, where it was not before.
  ///
  /// - Returns: the run as it is then; nil where there is none, or its plan is not whole.
  public func beginApplying(_ run: Int64, by actor: Author) async throws(CatalogError) -> RetentionRun? {
    try await write(while: "beginning to apply the retention run \(run)") { database in
      let change = Change(by: actor)
      let begun = try database.run(
        """
        UPDATE retention_run SET applied_at = ?, applied_by = ?
        WHERE id = ? AND planned_at IS NOT NULL AND applied_at IS NULL AND undone_at IS NULL
        """, [change.now.milliseconds, actor.name, run])
      guard let found = try database.retentionRun(run), found.isPlanned else { return nil }
      if begun > 0 {
        try database.record([
          Change(by: actor, in: found.scope.repository).event(
            .retentionApply, found.scope.description, ["run": String(run)])
        ])
      }
      return found
    }
  }

  /// A run.
  public func retentionRun(_ id: Int64) async throws(CatalogError) -> RetentionRun? {
    try await read(while: "reading the retention run \(id)") { try $0.retentionRun(id) }
  }

  /// Runs that a rule of the caller's lets through, the newest first, before one.
  public func retentionRuns(
    where isListed: @escaping @Sendable (RepositoryScope) -> Bool, before: Int64?, limit: Int
  ) async throws(CatalogError) -> [RetentionRun] {
    try await read(while: "listing retention runs") { database in
      try database.first(
        limit, of: "SELECT \(RetentionRun.columns) FROM retention_run WHERE id < ? ORDER BY id DESC",
        [before ?? Int64.max]
      ) { row in
        let run = try row.retentionRun()
        return isListed(run.scope) ? run : nil
      }
    }
  }

  /// The parts of a run, in the order of their rows, after one.
  public func retentionParts(
    of run: Int64, after: Int64?, limit: Int
  ) async throws(CatalogError) -> [RetentionPart] {
    try await read(while: "reading what the retention run \(run) is about") { database in
      let rows = try database.all(
        """
        SELECT
          p.id, r.name, p.fault, p.tags, p.manifests, p.blobs, p.bytes, p.done, p.removed_tags, p.removed_manifests,
          p.restored_tags, p.restored_manifests
        FROM retention_part p JOIN repository r ON r.id = p.repository_id
        WHERE p.run_id = ? AND p.id > ? ORDER BY p.id LIMIT ?
        """, [run, after ?? 0, limit]
      ) { $0.copy() }
      var left: [Int64: [LeftReason: Int]] = [:]
      try ValueLists(rows.map { $0[0] as Int64 }).forEach { marks, ids in
        let counts = try database.all(
          "SELECT part_id, reason, COUNT(*) FROM retention_left WHERE part_id IN (\(marks)) GROUP BY part_id, reason",
          StatementArguments(ids)
        ) { row in (part: row[0] as Int64, reason: try row.value(at: 1) as LeftReason, count: row[2] as Int) }
        for (part, reason, count) in counts { left[part, default: [:]][reason] = count }
      }
      return try rows.map { row in
        var planned = RetentionTotals()
        (planned.tags, planned.manifests, planned.blobs, planned.bytes) = (row[3], row[4], row[5], row[6])
        return RetentionPart(
          id: row[0], run: run, repository: try row.repositoryName(at: 1), fault: row[2], planned: planned,
          done: row[7], removedTags: row[8], removedManifests: row[9], restoredTags: row[10],
          restoredManifests: row[11], left: left[row[0]] ?? [:])
      }
    }
  }

  /// What a part takes; nil where there is no such part.
  public func removals(of part: Int64) async throws(CatalogError) -> StoredRemovals? {
    try await read(while: "reading what a retention run takes") { database in
      try database.first(
        """
        SELECT p.run_id, r.id, r.name, run.begun_at, g.rules, g.removals
        FROM retention_part p
        JOIN retention_removals g ON g.part_id = p.id
        JOIN retention_run run ON run.id = p.run_id
        JOIN repository r ON r.id = p.repository_id
        WHERE p.id = ?
        """, [part]
      ) { row in
        StoredRemovals(
          part: part, run: row[0], repository: row[1], name: try row.repositoryName(at: 2),
          plannedAt: Timestamp(milliseconds: row[3]),
          rules: try JSONDecoder().decode([String].self, from: Data((row[4] as String).utf8)),
          removals: try RemovalsColumn.decode(try row.bytes(at: 5)))
      }
    }
  }

  /// Forgets runs that began before a moment, up to a number.
  ///
  /// - Returns: how many there were.
  public func removeRetentionRuns(before moment: Timestamp, limit: Int) async throws(CatalogError) -> Int {
    try await write(while: "forgetting retention runs") { database in
      let runs = try database.all(
        "SELECT id FROM retention_run WHERE begun_at < ? ORDER BY begun_at LIMIT ?", [moment.milliseconds, limit]
      ) { $0[0] as Int64 }
      try ValueLists(runs).forEach { marks, ids in
        let ids = StatementArguments(ids)
        let parts = "SELECT id FROM retention_part WHERE run_id IN (\(marks))"
        try database.run("DELETE FROM retention_left WHERE part_id IN (\(parts))", ids)
        try database.run("DELETE FROM retention_removals WHERE part_id IN (\(parts))", ids)
        try database.run("DELETE FROM retention_part WHERE run_id IN (\(marks))", ids)
        try database.run("DELETE FROM retention_run WHERE id IN (\(marks))", ids)
      }
      return runs.count
    }
  }
}

extension RetentionRun {
  /// What `Row.retentionRun` reads.
  fileprivate static let columns =
    "id, scope, begun_at, begun_by, planned_at IS NOT NULL, applied_at, applied_by, undone_at, undone_by"
}

extension Database {
  func retentionRun(_ id: Int64) throws -> RetentionRun? {
    try first("SELECT \(RetentionRun.columns) FROM retention_run WHERE id = ?", [id]) { try $0.retentionRun() }
  }
}

extension Row {
  fileprivate func retentionRun() throws -> RetentionRun {
    RetentionRun(
      id: self[0], scope: try RepositoryScope(parsing: self[1] as String),
      begun: RetentionRun.Deed(at: Timestamp(milliseconds: self[2]), by: self[3]), isPlanned: self[4],
      applied: deed(at: 5), undone: deed(at: 7))
  }

  /// A moment, and in the next column who; nil where there is none.
  private func deed(at index: Int) -> RetentionRun.Deed? {
    guard let at = self[index] as Int64? else { return nil }
    return RetentionRun.Deed(at: Timestamp(milliseconds: at), by: self[index + 1])
  }
}
