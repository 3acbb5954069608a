extension Schema {
  /// What a mirror knows of its upstreams' manifests.
  static let mirror = """
    -- The upstream that a repository mirrors, as a host; NULL where it mirrors none.
    ALTER TABLE repository ADD COLUMN mirrored_from TEXT;
    CREATE INDEX repository_mirrored ON repository (mirrored_from) WHERE mirrored_from IS NOT NULL;

    -- The manifests that were fetched from an upstream, and when each was last pulled.
    CREATE TABLE mirrored (
      manifest_id INTEGER PRIMARY KEY REFERENCES manifest (id),
      pulled_at INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX mirrored_pulled ON mirrored (pulled_at, manifest_id);

    -- The blobs that such a manifest names and its repository does not have; the transaction that links one to the
    -- repository makes rows of manifest_blob of them.
    CREATE TABLE wanted_blob (
      manifest_id INTEGER NOT NULL REFERENCES manifest (id),
      digest BLOB NOT NULL,
      repository_id INTEGER NOT NULL REFERENCES repository (id),
      size INTEGER NOT NULL,
      PRIMARY KEY (manifest_id, digest)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX wanted_blob_digest ON wanted_blob (repository_id, digest);
    """
}
