extension Schema {
  /// Who reads the audit trail as a feed, and what replication has yet to do.
  static let replication = """
    -- The last event of the audit trail that a reader has read.
    CREATE TABLE feed_reader (
      name TEXT PRIMARY KEY,
      event_id INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;

    -- requested_at: when somebody last asked for all of it; reconciled_at: when the last comparison began that came to
    -- its end.
    CREATE TABLE replication_rule (
      name TEXT PRIMARY KEY,
      requested_at INTEGER,
      reconciled_at INTEGER
    ) STRICT, WITHOUT ROWID;

    -- The target of a rule is to have what the repository has under the reference, a tag or a digest. generation counts
    -- how often that changed; next_attempt_at is NULL where nothing is tried until it changes again.
    CREATE TABLE replication_job (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      rule TEXT NOT NULL,
      repository_id INTEGER NOT NULL REFERENCES repository (id),
      reference TEXT NOT NULL,
      generation INTEGER NOT NULL,
      queued_at INTEGER NOT NULL,
      next_attempt_at INTEGER,
      attempts INTEGER NOT NULL,
      last_error TEXT,
      UNIQUE (rule, repository_id, reference)
    ) STRICT;
    CREATE INDEX replication_job_due ON replication_job (rule, next_attempt_at);
    CREATE INDEX replication_job_waiting ON replication_job (rule, id, queued_at, attempts);
    """
}
