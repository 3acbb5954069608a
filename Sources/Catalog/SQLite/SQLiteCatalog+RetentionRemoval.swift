internal import Foundation
internal import GRDB
internal import OCI

extension SQLiteCatalog {
  /// Removes what comes next of what a part takes, up to a number of things, and leaves alone what has changed.
  ///
  /// - Parameter done: where the caller thinks that it goes on.
  /// - Returns: how many were looked at; nil where another has gone on meanwhile, or the run was undone.
  public func applyRetention(
    _ removals: StoredRemovals, from done: Int, count: Int, by actor: Author
  ) async throws(CatalogError) -> Int? {
    try await write(while: "removing from \(removals.name) what the retention run \(removals.run) takes") { database in
      let slices = removals.removals.slice(from: done, count: count)
      let looked = slices.reduce(0) { $0 + $1.step.items.count }
      let goesOn = try database.run(
        """
        UPDATE retention_part SET done = done + ?
        WHERE id = ? AND done = ?
          AND EXISTS (
            SELECT 1 FROM retention_run run
            WHERE run.id = retention_part.run_id AND run.applied_at IS NOT NULL AND run.undone_at IS NULL)
        """, [looked, removals.part, done])
      guard goesOn > 0 else { return nil }
      let transaction = RemovalTransaction(removals, Change(by: actor, in: removals.name), database)
      for slice in slices { try transaction.remove(slice.step, from: slice.place) }
      return looked
    }
  }
}

/// Removes what a retention run takes from one repository, within one transaction, where nothing has changed since the
/// run began.
private struct RemovalTransaction {
  private let removals: StoredRemovals
  private let change: Change
  private let database: Database

  init(_ removals: StoredRemovals, _ change: Change, _ database: Database) {
    self.removals = removals
    self.change = change
    self.database = database
  }

  private var plannedAt: Int64 { removals.plannedAt.milliseconds }

  /// - Parameter place: that of the first thing among all that go.
  func remove(_ step: RetentionRemovals.Step, from place: Int) throws {
    switch step.kind {
    case .tags: try removeTags(step.items, from: place)
    case .manifests: try removeManifests(step.items, from: place)
    }
  }

  // MARK: Tags

  private struct Lifetime {
    let name: String
    let reason: LeftReason?
  }

  private func removeTags(_ items: [RetentionRemovals.Item], from place: Int) throws {
    var found: [Int64: Lifetime] = [:]
    try ValueLists(items.map(\.row)).forEach { marks, rows in
      let lasting = try database.all(
        """
        SELECT t.id, t.name,
          CASE
            WHEN t.began_at >= ? THEN 'gone'
            WHEN EXISTS (
              SELECT 1 FROM manifest m
              WHERE m.repository_id = t.repository_id AND m.digest = t.digest AND m.pushed_at >= ?) THEN 'pushed'
            WHEN EXISTS (
              SELECT 1 FROM manifest m JOIN manifest_pull p ON p.manifest_id = m.id AND p.pulled_at >= ?
              WHERE m.repository_id = t.repository_id AND m.digest = t.digest) THEN 'pulled'
          END
        FROM tag t WHERE t.id IN (\(marks)) AND t.repository_id = ? AND t.ended_at IS NULL
        """, [plannedAt, plannedAt, plannedAt] + StatementArguments(rows) + [removals.repository]
      ) { row in (row[0] as Int64, Lifetime(name: row[1], reason: try row.value(orNilAt: 2))) }
      found.merge(lasting) { lifetime, _ in lifetime }
    }
    let kept = try tagsOfWhatIsThere(found.filter { $0.value.reason == nil })
    let rules = try Protections(in: removals.repository, database: database).rules(protecting: .tags)
    let protected = try Set(
      found.compactMap { row, lifetime in
        let tag = try Tag(parsing: lifetime.name)
        return rules.contains { $0.rule.tags.matches(tag) } ? row : nil
      })
    try settle(items, from: place) { row in
      guard let lifetime = found[row] else { return .gone }
      if protected.contains(row) { return .protected }
      return lifetime.reason ?? (kept.contains(row) ? .subject : nil)
    } removing: { rows in
      let ended = try TagLifetimes(in: removals.repository, database: database, change: change).end(rows: rows)
      let digests = Dictionary(ended.map { ($0.name, $0.digest) }, uniquingKeysWith: { digest, _ in digest })
      try count("removed_tags", rows.count)
      return rows.compactMap { row in
        found[row].flatMap { lifetime in
          digests[lifetime.name].map { (row, .tagDelete, lifetime.name, $0) }
        }
      }
    }
  }

  /// The rows of those tags that are about a manifest that is there.
  private func tagsOfWhatIsThere(_ lifetimes: [Int64: Lifetime]) throws -> Set<Int64> {
    var kept: Set<Int64> = []
    let about = try lifetimes.compactMap { row, lifetime in
      DigestTag(try Tag(parsing: lifetime.name)).map { (row: row, digests: $0.digests) }
    }
    let rows: [[(any DatabaseValueConvertible)?]] = about.map {
      [$0.row, $0.digests.lowerBound.key, $0.digests.upperBound.key]
    }
    try ValueRows(rows).forEach { marks, values in
      kept.formUnion(
        try database.all(
          """
          SELECT column1 FROM (VALUES \(marks)) AS name
          WHERE column1 IS NOT NULL
            AND EXISTS (
              SELECT 1 FROM manifest m
              WHERE m.repository_id = ? AND m.digest >= column2 AND m.digest <= column3 AND m.unlinked_at IS NULL)
          """, values + [removals.repository]
        ) { $0[0] as Int64 })
    }
    return kept
  }

  // MARK: Manifests

  private func removeManifests(_ items: [RetentionRemovals.Item], from place: Int) throws {
    var found: [Int64: (digest: Digest, reason: LeftReason?)] = [:]
    try ValueLists(items.map(\.row)).forEach { marks, rows in
      let visible = try database.all(
        """
        SELECT m.id, m.digest,
          CASE
            WHEN m.pushed_at >= ? THEN 'pushed'
            WHEN EXISTS (
              SELECT 1 FROM manifest_pull p WHERE p.manifest_id = m.id AND p.pulled_at >= ?) THEN 'pulled'
            WHEN EXISTS (
              SELECT 1 FROM tag t
              WHERE t.repository_id = m.repository_id AND t.digest = m.digest AND t.ended_at IS NULL) THEN 'tagged'
            WHEN EXISTS (
              SELECT 1 FROM manifest_entry e
              JOIN manifest parent ON parent.id = e.manifest_id AND parent.unlinked_at IS NULL
              WHERE e.repository_id = m.repository_id AND e.digest = m.digest) THEN 'listed'
            WHEN EXISTS (
              SELECT 1 FROM manifest subject
              WHERE subject.repository_id = m.repository_id AND subject.digest = m.subject_digest
                AND subject.unlinked_at IS NULL) THEN 'subject'
            WHEN EXISTS (
              SELECT 1 FROM manifest referrer
              WHERE referrer.repository_id = m.repository_id AND referrer.subject_digest = m.digest
                AND referrer.unlinked_at IS NULL AND referrer.pushed_at >= ?) THEN 'referred'
          END
        FROM manifest m WHERE m.id IN (\(marks)) AND m.repository_id = ? AND m.unlinked_at IS NULL
        """, [plannedAt, plannedAt, plannedAt] + StatementArguments(rows) + [removals.repository]
      ) { row in (row[0] as Int64, (digest: try row.digest(at: 1), reason: try row.value(orNilAt: 2) as LeftReason?)) }
      found.merge(visible) { manifest, _ in manifest }
    }
    let signed = try withNewTagsAbout(found.filter { $0.value.reason == nil }.mapValues(\.digest))
    // What lists a manifest and what it refers to is there for as long as it is protected itself.
    let protected = try KeptManifests(in: database).among(Array(found.keys))
    try settle(items, from: place) { row in
      guard let manifest = found[row] else { return .gone }
      if protected.contains(row) { return .protected }
      return manifest.reason ?? (signed.contains(row) ? .referred : nil)
    } removing: { rows in
      let visibility = ManifestVisibility(database: database, now: change.now)
      try visibility.trash(rows, by: nil)
      try visibility.hide(rows)
      try count("removed_manifests", rows.count)
      return rows.compactMap { row in
        found[row].map { (row, .manifestDelete, $0.digest.description, $0.digest) }
      }
    }
  }

  /// The rows of those manifests about which tags have come since the run began.
  private func withNewTagsAbout(_ manifests: [Int64: Digest]) throws -> Set<Int64> {
    var signed: Set<Int64> = []
    let rows: [[(any DatabaseValueConvertible)?]] = manifests.map { row, digest in
      let prefix = Tag(referrersOf: digest).value
      // No character that may stand in a tag comes after this one.
      return [row, prefix, prefix + "~"]
    }
    try ValueRows(rows).forEach { marks, values in
      signed.formUnion(
        try database.all(
          """
          SELECT column1 FROM (VALUES \(marks)) AS name
          WHERE column1 IS NOT NULL
            AND EXISTS (
              SELECT 1 FROM tag t
              WHERE t.repository_id = ? AND t.name >= column2 AND t.name < column3 AND t.ended_at IS NULL
                AND t.began_at >= ?)
          """, values + [removals.repository, plannedAt]
        ) { $0[0] as Int64 })
    }
    return signed
  }

  // MARK: Both

  private typealias Removed = (row: Int64, action: AuditEvent.Action, subject: String, digest: Digest)

  /// Removes those things that nothing speaks for, and records what became of each.
  private func settle(
    _ items: [RetentionRemovals.Item], from place: Int, reason: (Int64) -> LeftReason?,
    removing remove: ([Int64]) throws -> [Removed]
  ) throws {
    var left: [[(any DatabaseValueConvertible)?]] = []
    var rules: [Int64: Int32] = [:]
    for (item, place) in zip(items, place...) {
      if let reason = reason(item.row) {
        left.append([removals.part, place, reason.rawValue])
      } else {
        rules[item.row] = item.rule
      }
    }
    let removed = try remove(items.map(\.row).filter { rules[$0] != nil })
    try database.record(
      removed.map { row, action, subject, digest in
        var detail = ["run": String(removals.run), "digest": digest.description]
        if let rule = rules[row].map(Int.init), removals.rules.indices.contains(rule) {
          detail["rule"] = removals.rules[rule]
        }
        return change.event(action, subject, detail)
      })
    try ValueRows(left).forEach { marks, values in
      try database.run(
        """
        INSERT INTO retention_left (part_id, place, reason)
        SELECT * FROM (VALUES \(marks)) AS event WHERE column1 IS NOT NULL
        """, values)
    }
  }

  private func count(_ column: String, _ number: Int) throws {
    try database.run(
      "UPDATE retention_part SET \(column) = \(column) + ? WHERE id = ?", [number, removals.part])
  }
}
