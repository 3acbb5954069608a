extension Schema {
  /// What retention knows besides.
  static let retention = """
    -- When a manifest was pulled last, and how often it was downloaded.
    CREATE TABLE manifest_pull (
      manifest_id INTEGER PRIMARY KEY REFERENCES manifest (id),
      pulled_at INTEGER NOT NULL,
      downloads INTEGER NOT NULL
    ) STRICT;
    """
}
