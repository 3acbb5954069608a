internal import GRDB
public import OCI

extension SQLiteCatalog {
  /// Queues jobs, each to be carried out at once, and with them remembers how far the feed has been read.
  ///
  /// What waits already has changed again. Power loss may undo it, and then all of it.
  public func queueReplications(
    _ wanted: Set<WantedReplication>, at now: Timestamp, havingRead event: Int64?
  ) async throws(CatalogError) {
    try await write(.relaxed, while: "queueing what is to be replicated") { database in
      let rows: [[(any DatabaseValueConvertible)?]] = wanted.map { wanted in
        [wanted.rule.value, wanted.repository.value, wanted.reference.description, now.milliseconds]
      }
      try ValueRows(rows).forEach { marks, values in
        try database.run(
          """
          INSERT INTO replication_job (
            rule, repository_id, reference, generation, queued_at, next_attempt_at, attempts)
          SELECT wanted.column1, r.id, wanted.column3, 1, wanted.column4, wanted.column4, 0
          FROM (VALUES \(marks)) AS wanted CROSS JOIN repository r ON r.name = wanted.column2
          WHERE wanted.column1 IS NOT NULL
          ON CONFLICT (rule, repository_id, reference) DO UPDATE SET
            generation = replication_job.generation + 1, next_attempt_at = excluded.next_attempt_at
          """, values)
      }
      if let event { try database.move(.replication, to: event) }
    }
  }

  /// The jobs that are to be carried out at a moment, of each rule those that are due for longest, up to a number.
  public func dueReplications(
    _ limits: [ReplicationRuleName: Int], at now: Timestamp
  ) async throws(CatalogError) -> [ReplicationJob] {
    guard !limits.isEmpty else { return [] }
    return try await read(while: "looking for what is to be replicated") { database in
      let ofOneRule = """
        SELECT * FROM (
          SELECT \(ReplicationJob.columns)
          FROM replication_job j CROSS JOIN repository r ON r.id = j.repository_id
          WHERE j.rule = ? AND j.next_attempt_at <= ? ORDER BY j.next_attempt_at, j.id LIMIT ?) AS due
        """
      let sql = repeatElement(ofOneRule, count: limits.count).joined(separator: " UNION ALL ")
      var arguments = StatementArguments()
      for (rule, limit) in limits { arguments += [rule.value, now.milliseconds, limit] }
      return try database.all(sql, arguments) { try $0.replicationJob() }
    }
  }

  /// Ends a job, unless it was wished for again since, and records what was done. Power loss may undo both.
  public func endReplication(_ job: ReplicationJob, recording event: AuditEvent?) async throws(CatalogError) {
    try await write(.relaxed, while: "recording what was replicated") { database in
      if let event { try database.record([event]) }
      let ended = try database.run(
        "DELETE FROM replication_job WHERE id = ? AND generation = ?", [job.id, job.generation])
      guard ended == 0 else { return }
      try database.run("UPDATE replication_job SET attempts = 0, last_error = NULL WHERE id = ?", [job.id])
    }
  }

  /// Puts a job off that was tried in vain, unless it was wished for again since.
  public func putOffReplication(
    _ job: ReplicationJob, until moment: Timestamp?, because reason: String
  ) async throws(CatalogError) {
    try await write(.relaxed, while: "recording what could not be replicated") { database in
      try database.run(
        """
        UPDATE replication_job SET
          attempts = attempts + 1, last_error = ?,
          next_attempt_at = CASE WHEN generation = ? THEN ? ELSE next_attempt_at END
        WHERE id = ?
        """, [reason, job.generation, moment?.milliseconds, job.id])
    }
  }

  /// The jobs of a rule in the order in which they were queued first, after one of them.
  public func replicationJobs(
    of rule: ReplicationRuleName, after id: Int64?, limit: Int
  ) async throws(CatalogError) -> [ReplicationJob] {
    try await read(while: "listing what \(rule) has yet to replicate") { database in
      try database.all(
        """
        SELECT \(ReplicationJob.columns)
        FROM replication_job j CROSS JOIN repository r ON r.id = j.repository_id
        WHERE j.rule = ? AND j.id > ? ORDER BY j.id LIMIT ?
        """, [rule.value, id ?? 0, limit]
      ) { try $0.replicationJob() }
    }
  }

  /// How much each of some rules has yet to do; those with nothing to do are left out.
  public func replicationBacklogs(
    of rules: [ReplicationRuleName]
  ) async throws(CatalogError) -> [ReplicationRuleName: ReplicationBacklog] {
    try await read(while: "counting what is to be replicated") { database in
      var backlogs: [ReplicationRuleName: ReplicationBacklog] = [:]
      try ValueLists(rules.map(\.value)).forEach { marks, names in
        let found = try database.all(
          """
          SELECT rule, COUNT(*), COUNT(*) FILTER (WHERE attempts > 0), MIN(queued_at)
          FROM replication_job WHERE rule IN (\(marks)) GROUP BY rule
          """, StatementArguments(names)
        ) { row in
          (
            try row.ruleName(at: 0),
            ReplicationBacklog(pending: row[1], failing: row[2], oldest: Timestamp(milliseconds: row[3]))
          )
        }
        backlogs.merge(found) { first, _ in first }
      }
      return backlogs
    }
  }

  /// Takes over which rules there are: the jobs of others are forgotten.
  ///
  /// - Returns: of each rule, when it was last carried out as a whole.
  public func keepReplications(
    of rules: Set<ReplicationRuleName>
  ) async throws(CatalogError) -> [ReplicationRuleName: Reconciliation] {
    try await write(while: "taking over the rules of replication") { database in
      try ValueLists(rules.map(\.value)).forEach(each: "(?)") { rows, names in
        try database.run(
          """
          INSERT INTO replication_rule (name) SELECT column1 FROM (VALUES \(rows)) AS name WHERE true
          ON CONFLICT (name) DO NOTHING
          """, StatementArguments(names))
      }
      let known = try database.all("SELECT name, requested_at, reconciled_at FROM replication_rule") { row in
        let (requested, reconciled): (Int64?, Int64?) = (row[1], row[2])
        return (
          try row.ruleName(at: 0),
          Reconciliation(
            requestedAt: requested.map(Timestamp.init(milliseconds:)),
            reconciledAt: reconciled.map(Timestamp.init(milliseconds:)))
        )
      }
      try ValueLists(known.map(\.0).filter { !rules.contains($0) }.map(\.value)).forEach { marks, names in
        try database.run("DELETE FROM replication_job WHERE rule IN (\(marks))", StatementArguments(names))
        try database.run("DELETE FROM replication_rule WHERE name IN (\(marks))", StatementArguments(names))
      }
      return Dictionary(known.filter { rules.contains($0.0) }) { first, _ in first }
    }
  }

  /// Records that somebody wants a rule carried out as a whole.
  public func requestReconciliation(
    of rule: ReplicationRuleName, at now: Timestamp, by actor: Author
  ) async throws(CatalogError) {
    try await write(while: "asking for all that \(rule) replicates") { database in
      try database.run("UPDATE replication_rule SET requested_at = ? WHERE name = ?", [now.milliseconds, rule.value])
      try database.record([Change(by: actor).event(.replicationRun, rule.value)])
    }
  }

  /// Records that a rule was carried out as a whole, beginning at a moment.
  public func reconciled(_ rule: ReplicationRuleName, begunAt moment: Timestamp) async throws(CatalogError) {
    try await write(.relaxed, while: "recording that all was queued that \(rule) replicates") { database in
      try database.run(
        "UPDATE replication_rule SET reconciled_at = ? WHERE name = ?", [moment.milliseconds, rule.value])
    }
  }

  /// What a tag is about that a client made of a digest: nothing for other tags, and more than one manifest only where the
  /// tag says a part of the digest in which several are alike.
  public func subjects(of tag: Tag, in repository: RepositoryName) async throws(CatalogError) -> [Digest] {
    try await read(while: "looking for what \(repository):\(tag) is about") { database in
      guard let id = try database.repository(repository) else { return [] }
      return try database.subjects(of: [tag], in: id)
    }
  }

  /// What leads to a manifest in one step.
  public func keepers(
    of digest: Digest, in repository: RepositoryName
  ) async throws(CatalogError) -> ManifestKeepers {
    try await read(while: "looking for what leads to \(digest) in \(repository)") { database in
      guard let id = try database.repository(repository) else { return ManifestKeepers(tags: [], manifests: []) }
      let tags = try database.all(
        "SELECT name FROM tag WHERE repository_id = ? AND digest = ? AND ended_at IS NULL", [id, digest.key]
      ) { try $0.tag(at: 0) }
      let manifests = try database.all(
        """
        SELECT parent.digest
        FROM manifest_entry e JOIN manifest parent ON parent.id = e.manifest_id AND parent.unlinked_at IS NULL
        WHERE e.repository_id = ? AND e.digest = ?
        UNION ALL
        SELECT subject_digest FROM manifest
        WHERE repository_id = ? AND digest = ? AND subject_digest IS NOT NULL AND unlinked_at IS NULL
        """, [id, digest.key, id, digest.key]
      ) { try $0.digest(at: 0) }
      return ManifestKeepers(tags: tags, manifests: manifests)
    }
  }
}

extension ReplicationJob {
  /// What `Row.replicationJob` reads, of `j` and the repository `r`.
  fileprivate static let columns =
    "j.id, j.rule, r.name, j.reference, j.generation, j.queued_at, j.next_attempt_at, j.attempts, j.last_error"
}

extension Row {
  fileprivate func ruleName(at index: Int) throws -> ReplicationRuleName {
    try ReplicationRuleName(parsing: self[index] as String)
  }

  /// The columns `ReplicationJob.columns`.
  fileprivate func replicationJob() throws -> ReplicationJob {
    let nextAttempt: Int64? = self[6]
    return ReplicationJob(
      id: self[0],
      wanted: WantedReplication(
        rule: try ruleName(at: 1), repository: try repositoryName(at: 2),
        reference: try Reference(parsing: self[3] as String)),
      generation: self[4], queuedAt: Timestamp(milliseconds: self[5]),
      nextAttemptAt: nextAttempt.map(Timestamp.init(milliseconds:)), attempts: self[7], lastError: self[8])
  }
}
