extension Schema {
  /// What may not change.
  static let protection = """
    -- owner is the first part of the repositories' names, '' where the pattern leaves it open. tags are words parted by
    -- spaces.
    CREATE TABLE protection_rule (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      name TEXT NOT NULL UNIQUE,
      owner TEXT NOT NULL,
      repositories TEXT NOT NULL,
      tags TEXT NOT NULL,
      protects TEXT NOT NULL CHECK (protects IN ('tags', 'digests')),
      made_at INTEGER NOT NULL,
      made_by TEXT NOT NULL
    ) STRICT;
    CREATE INDEX protection_rule_owner ON protection_rule (owner);

    -- A manifest that is held is visible, which those who hide manifests see to.
    CREATE TABLE hold (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      repository_id INTEGER NOT NULL REFERENCES repository (id),
      digest BLOB NOT NULL,
      reason TEXT NOT NULL,
      held_at INTEGER NOT NULL,
      held_by TEXT NOT NULL,
      UNIQUE (repository_id, digest)
    ) STRICT;
    CREATE INDEX hold_repository ON hold (repository_id);

    -- Which tags a digest has and had.
    CREATE INDEX tag_digest ON tag (repository_id, digest);
    """
}
