extension Schema {
  /// Who is told what happens, and what they have yet to be told.
  static let webhooks = """
    -- scope is a repository, an owner, or '*' for the whole registry; owner is '' for the registry. topics are words with
    -- spaces between. Events up to after_event are not for it.
    CREATE TABLE webhook (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      scope TEXT NOT NULL,
      owner TEXT NOT NULL,
      url TEXT NOT NULL,
      secret TEXT NOT NULL,
      format TEXT NOT NULL,
      topics TEXT NOT NULL,
      tells_pulls INTEGER NOT NULL,
      disabled INTEGER NOT NULL,
      after_event INTEGER NOT NULL,
      made_at INTEGER NOT NULL,
      made_by TEXT NOT NULL
    ) STRICT;
    CREATE INDEX webhook_scope ON webhook (scope);
    CREATE INDEX webhook_owner ON webhook (owner);
    CREATE INDEX webhook_pulls ON webhook (scope) WHERE tells_pulls = 1;

    -- What a webhook is to be told, or was: the event as the audit trail had it, which may be gone there. repository is ''
    -- where it is about none; digest is the manifest that it is about. state is waiting, delivered or failed.
    CREATE TABLE webhook_delivery (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      webhook_id INTEGER NOT NULL REFERENCES webhook (id),
      event_id INTEGER NOT NULL,
      at INTEGER NOT NULL,
      actor TEXT NOT NULL,
      action TEXT NOT NULL,
      repository TEXT NOT NULL,
      subject TEXT NOT NULL,
      detail TEXT,
      digest BLOB,
      queued_at INTEGER NOT NULL,
      state TEXT NOT NULL,
      attempts INTEGER NOT NULL,
      attempted_at INTEGER,
      duration INTEGER,
      status INTEGER,
      answer TEXT,
      error TEXT
    ) STRICT;
    CREATE INDEX webhook_delivery_log ON webhook_delivery (webhook_id, id);
    CREATE INDEX webhook_delivery_waiting ON webhook_delivery (webhook_id, repository, id) WHERE state = 'waiting';
    CREATE INDEX webhook_delivery_queued ON webhook_delivery (queued_at) WHERE state = 'waiting';
    CREATE INDEX webhook_delivery_ended ON webhook_delivery (webhook_id, id) WHERE state <> 'waiting';

    -- The deliveries of a webhook and repository that wait are made one after the other: when the first is tried.
    CREATE TABLE webhook_queue (
      webhook_id INTEGER NOT NULL REFERENCES webhook (id),
      repository TEXT NOT NULL,
      next_attempt_at INTEGER NOT NULL,
      PRIMARY KEY (webhook_id, repository)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX webhook_queue_due ON webhook_queue (next_attempt_at, webhook_id);
    CREATE INDEX webhook_queue_order ON webhook_queue (webhook_id, next_attempt_at);
    """
}
