internal import GRDB

/// The tables of a SQLite catalogue.
///
/// Times are milliseconds since 1970, digests one byte for the algorithm and the digest's own bytes after it. Foreign keys
/// are declared for `PRAGMA foreign_key_check` and for readers of the file, and not enforced: the statements keep them,
/// and enforcing them would cost an index on every referring column.
enum Schema {
  /// Brings a database to the newest version.
  ///
  /// A migration that has been released is never changed; the next one is registered after it.
  static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("v1") { database in
      try database.execute(sql: contents)
      try database.execute(sql: bookkeeping)
    }
    migrator.registerMigration("v2") { database in
      try database.execute(sql: access)
      try database.execute(sql: audit)
    }
    migrator.registerMigration("v3") { database in
      try database.execute(sql: mirror)
    }
    migrator.registerMigration("v4") { database in
      try database.execute(sql: replication)
    }
    migrator.registerMigration("v5") { database in
      try database.execute(sql: protection)
    }
    migrator.registerMigration("v6") { database in
      try database.execute(sql: trash)
    }
    migrator.registerMigration("v7") { database in
      try database.execute(sql: retention)
    }
    migrator.registerMigration("v8") { database in
      try database.execute(sql: webhooks)
    }
    migrator.registerMigration("v9") { database in
      try database.execute(sql: quotas)
    }
    return migrator
  }

  /// In a table without rowid the key's columns stand first: SQLite 3.40 checks the wrong ones for NULL otherwise, and its
  /// `integrity_check` finds faults where there are none.
  private static let contents = """
    CREATE TABLE repository (
      id INTEGER PRIMARY KEY,
      name TEXT NOT NULL UNIQUE,
      created_at INTEGER NOT NULL
    ) STRICT;

    -- state: 0 live, 1 being removed, 2 missing. Ids are not used again: a review names them.
    CREATE TABLE blob (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      digest BLOB NOT NULL UNIQUE,
      size INTEGER NOT NULL,
      state INTEGER NOT NULL DEFAULT 0,
      created_at INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX blob_being_removed ON blob (id) WHERE state = 1;

    -- A link is visible where unlinked_at is NULL.
    CREATE TABLE blob_link (
      repository_id INTEGER NOT NULL REFERENCES repository (id),
      blob_id INTEGER NOT NULL REFERENCES blob (id),
      linked_at INTEGER NOT NULL,
      unlinked_at INTEGER,
      PRIMARY KEY (repository_id, blob_id)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX blob_link_blob ON blob_link (blob_id);

    -- A manifest is visible where unlinked_at is NULL. untagged_at says since when nothing that is known keeps it: no tag,
    -- and, as far as it was looked at, no index that lists it and no subject that it refers to; NULL where something does.
    -- The bytes stand last, so that what does not ask for them does not read the pages they flow over to.
    CREATE TABLE manifest (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      repository_id INTEGER NOT NULL REFERENCES repository (id),
      digest BLOB NOT NULL,
      media_type TEXT NOT NULL,
      artifact_type TEXT,
      subject_digest BLOB,
      size INTEGER NOT NULL,
      pushed_at INTEGER NOT NULL,
      untagged_at INTEGER,
      unlinked_at INTEGER,
      annotations TEXT,
      bytes BLOB NOT NULL,
      UNIQUE (repository_id, digest)
    ) STRICT;
    CREATE INDEX manifest_visible ON manifest (repository_id) WHERE unlinked_at IS NULL;
    CREATE INDEX manifest_untagged ON manifest (untagged_at) WHERE untagged_at IS NOT NULL AND unlinked_at IS NULL;
    CREATE INDEX manifest_referrer ON manifest (repository_id, subject_digest, digest)
      WHERE subject_digest IS NOT NULL;

    -- The blobs that a manifest needs, and those that it merely names and its repository had when it was pushed.
    CREATE TABLE manifest_blob (
      manifest_id INTEGER NOT NULL REFERENCES manifest (id),
      blob_id INTEGER NOT NULL REFERENCES blob (id),
      repository_id INTEGER NOT NULL REFERENCES repository (id),
      PRIMARY KEY (manifest_id, blob_id)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX manifest_blob_blob ON manifest_blob (repository_id, blob_id);

    -- The entries of an index that are no blobs. They need not be there: a sparse index lists what was never pushed.
    CREATE TABLE manifest_entry (
      manifest_id INTEGER NOT NULL REFERENCES manifest (id),
      digest BLOB NOT NULL,
      repository_id INTEGER NOT NULL REFERENCES repository (id),
      PRIMARY KEY (manifest_id, digest)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX manifest_entry_digest ON manifest_entry (repository_id, digest);

    -- A row is an interval in the life of a tag; the one without an end is the tag as it is.
    CREATE TABLE tag (
      id INTEGER PRIMARY KEY,
      repository_id INTEGER NOT NULL REFERENCES repository (id),
      name TEXT NOT NULL,
      digest BLOB NOT NULL,
      began_at INTEGER NOT NULL,
      began_by TEXT,
      ended_at INTEGER,
      ended_by TEXT
    ) STRICT;
    CREATE UNIQUE INDEX tag_live ON tag (repository_id, name) WHERE ended_at IS NULL;
    CREATE INDEX tag_live_digest ON tag (repository_id, digest) WHERE ended_at IS NULL;
    CREATE INDEX tag_history ON tag (repository_id, name, began_at);

    CREATE TABLE upload (
      id TEXT PRIMARY KEY,
      repository_id INTEGER NOT NULL REFERENCES repository (id),
      begun_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX upload_begun ON upload (begun_at);
    """

  private static let bookkeeping = """
    -- What waits for the collector. kind: 0 a hidden manifest, 1 the link of a blob to a repository, 2 a blob that may have
    -- no link (repository_id is 0).
    CREATE TABLE review (
      kind INTEGER NOT NULL,
      repository_id INTEGER NOT NULL,
      subject_id INTEGER NOT NULL,
      touched_at INTEGER NOT NULL,
      PRIMARY KEY (kind, repository_id, subject_id)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX review_waiting ON review (kind, touched_at);

    -- One row: sums over live blobs, the length of the queue, and the time of the last check.
    CREATE TABLE total (
      id INTEGER PRIMARY KEY CHECK (id = 1),
      blobs INTEGER NOT NULL,
      blob_bytes INTEGER NOT NULL,
      review_queue INTEGER NOT NULL,
      checked_at INTEGER NOT NULL
    ) STRICT;
    INSERT INTO total (id, blobs, blob_bytes, review_queue, checked_at) VALUES (1, 0, 0, 0, 0);

    CREATE TRIGGER blob_inserted AFTER INSERT ON blob WHEN NEW.state = 0 BEGIN
      UPDATE total SET blobs = blobs + 1, blob_bytes = blob_bytes + NEW.size;
    END;
    CREATE TRIGGER blob_updated AFTER UPDATE OF state, size ON blob BEGIN
      UPDATE total SET
        blobs = blobs + (NEW.state = 0) - (OLD.state = 0),
        blob_bytes = blob_bytes + (NEW.state = 0) * NEW.size - (OLD.state = 0) * OLD.size;
    END;
    CREATE TRIGGER blob_deleted AFTER DELETE ON blob WHEN OLD.state = 0 BEGIN
      UPDATE total SET blobs = blobs - 1, blob_bytes = blob_bytes - OLD.size;
    END;
    CREATE TRIGGER review_inserted AFTER INSERT ON review BEGIN
      UPDATE total SET review_queue = review_queue + 1;
    END;
    CREATE TRIGGER review_deleted AFTER DELETE ON review BEGIN
      UPDATE total SET review_queue = review_queue - 1;
    END;
    """
}

/// What a row of the table `review` is about.
enum ReviewKind: Int64 {
  case manifest = 0
  case link = 1
  case blob = 2
}

/// What `blob.state` says.
enum BlobState: Int64 {
  case live = 0
  case beingRemoved = 1
  case missing = 2
}
