extension Schema {
  /// Names are text, kinds and roles the raw values of their types, sets of scopes words parted by spaces.
  static let access = """
    -- A repository without a visibility has that of its owner's account, and is private where there is no such account.
    ALTER TABLE repository ADD COLUMN visibility TEXT CHECK (visibility IN ('public', 'internal', 'private'));
    ALTER TABLE repository ADD COLUMN owner TEXT NOT NULL
      GENERATED ALWAYS AS (substr(name, 1, instr(name || '/', '/') - 1)) VIRTUAL;
    CREATE INDEX repository_owner ON repository (owner, name);

    CREATE TABLE account (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      name TEXT NOT NULL UNIQUE,
      kind TEXT NOT NULL CHECK (kind IN ('user', 'organization')),
      password_hash TEXT,
      is_administrator INTEGER NOT NULL DEFAULT 0,
      is_disabled INTEGER NOT NULL DEFAULT 0,
      default_visibility TEXT NOT NULL DEFAULT 'private'
        CHECK (default_visibility IN ('public', 'internal', 'private')),
      created_at INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX account_kind ON account (kind, name);
    CREATE INDEX account_administrator ON account (is_administrator) WHERE is_administrator = 1 AND is_disabled = 0;

    CREATE TABLE member (
      organization_id INTEGER NOT NULL REFERENCES account (id),
      user_id INTEGER NOT NULL REFERENCES account (id),
      role TEXT NOT NULL CHECK (role IN ('read', 'write', 'admin')),
      PRIMARY KEY (organization_id, user_id)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX member_user ON member (user_id);

    -- A token that was revoked has no row. Users have personal and refresh tokens, organisations robots. repositories is
    -- a JSON array of patterns, NULL where the token may be used for all.
    CREATE TABLE token (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      hash BLOB NOT NULL UNIQUE,
      account_id INTEGER NOT NULL REFERENCES account (id),
      kind TEXT NOT NULL CHECK (kind IN ('personal', 'robot', 'refresh')),
      name TEXT NOT NULL,
      scopes TEXT NOT NULL,
      repositories TEXT,
      parent_id INTEGER REFERENCES token (id),
      created_at INTEGER NOT NULL,
      expires_at INTEGER,
      last_used_at INTEGER,
      last_used_from TEXT
    ) STRICT;
    CREATE INDEX token_account ON token (account_id, kind);
    CREATE UNIQUE INDEX token_robot ON token (account_id, name) WHERE kind = 'robot';
    CREATE INDEX token_parent ON token (parent_id) WHERE parent_id IS NOT NULL;
    CREATE INDEX token_expiry ON token (expires_at) WHERE expires_at IS NOT NULL;

    -- The key with the highest number signs.
    CREATE TABLE signing_key (
      number INTEGER PRIMARY KEY AUTOINCREMENT,
      id TEXT NOT NULL UNIQUE,
      private_key BLOB NOT NULL,
      created_at INTEGER NOT NULL
    ) STRICT;
    """

  /// Events are read in the order of their times, and those of one moment in the order in which they were recorded, which
  /// each index ends with.
  static let audit = """
    -- detail is a JSON object of strings, NULL where it is empty.
    CREATE TABLE audit (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      at INTEGER NOT NULL,
      actor TEXT NOT NULL,
      credential TEXT,
      address TEXT,
      action TEXT NOT NULL,
      outcome TEXT NOT NULL CHECK (outcome IN ('done', 'denied')),
      repository TEXT,
      subject TEXT NOT NULL,
      detail TEXT
    ) STRICT;
    CREATE INDEX audit_time ON audit (at);
    CREATE INDEX audit_repository ON audit (repository, at) WHERE repository IS NOT NULL;
    CREATE INDEX audit_actor ON audit (actor, at);
    CREATE INDEX audit_outcome ON audit (outcome, at);

    -- At most one row: the last event that was exported.
    CREATE TABLE audit_export (
      id INTEGER PRIMARY KEY CHECK (id = 1),
      event_id INTEGER NOT NULL
    ) STRICT;
    """
}
