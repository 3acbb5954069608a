extension Schema {
  /// When manifests were pulled, what is kept for how long, and what became of it.
  static let retention = """
    -- When a manifest was pulled last, and how often it was downloaded.
    CREATE TABLE manifest_pull (
      manifest_id INTEGER PRIMARY KEY REFERENCES manifest (id),
      pulled_at INTEGER NOT NULL,
      downloads INTEGER NOT NULL
    ) STRICT;

    -- scope is a repository, an owner, or '*' for the whole registry; policy is the text as somebody wrote it.
    CREATE TABLE retention_policy (
      scope TEXT PRIMARY KEY,
      policy TEXT NOT NULL,
      set_at INTEGER NOT NULL,
      set_by TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;

    -- A run is planned where planned_at says when that was done, and applied or undone where those times say so.
    CREATE TABLE retention_run (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      scope TEXT NOT NULL,
      owner TEXT NOT NULL,
      begun_at INTEGER NOT NULL,
      begun_by TEXT NOT NULL,
      planned_at INTEGER,
      applied_at INTEGER,
      applied_by TEXT,
      undone_at INTEGER,
      undone_by TEXT
    ) STRICT;
    CREATE INDEX retention_run_owner ON retention_run (owner, id);
    CREATE INDEX retention_run_begun ON retention_run (begun_at);

    -- What a run is about in one repository. fault says why it could not be planned. done counts the things that go and
    -- were looked at, undone those of them that were looked at again to bring them back, the last ones first.
    CREATE TABLE retention_part (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      run_id INTEGER NOT NULL REFERENCES retention_run (id),
      repository_id INTEGER NOT NULL REFERENCES repository (id),
      fault TEXT,
      tags INTEGER NOT NULL,
      manifests INTEGER NOT NULL,
      blobs INTEGER NOT NULL,
      bytes INTEGER NOT NULL,
      done INTEGER NOT NULL,
      removed_tags INTEGER NOT NULL,
      removed_manifests INTEGER NOT NULL,
      undone INTEGER NOT NULL DEFAULT 0,
      restored_tags INTEGER NOT NULL DEFAULT 0,
      restored_manifests INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    CREATE INDEX retention_part_run ON retention_part (run_id, id);

    -- What goes, apart from what changes with each step, because it is long. rules is a JSON array of their names.
    CREATE TABLE retention_removals (
      part_id INTEGER PRIMARY KEY REFERENCES retention_part (id),
      rules TEXT NOT NULL,
      removals BLOB NOT NULL
    ) STRICT;

    -- What a run left alone because it had changed, or did not bring back: by its place among the things that go.
    CREATE TABLE retention_left (
      part_id INTEGER NOT NULL REFERENCES retention_part (id),
      place INTEGER NOT NULL,
      reason TEXT NOT NULL,
      PRIMARY KEY (part_id, place)
    ) STRICT, WITHOUT ROWID;
    """
}
