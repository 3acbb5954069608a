extension Schema {
  /// Who moved tags, by what and from where, and what was deleted and may be restored.
  static let trash = """
    -- Who began and who ended a lifetime is told for longer than the audit trail is kept. reason says why it began where
    -- that was no push. is_deleted says that no other lifetime began where this one ended. kept_until says until when what
    -- it named is kept: NULL while it lasts, and once that is over.
    ALTER TABLE tag ADD COLUMN began_credential TEXT;
    ALTER TABLE tag ADD COLUMN began_address TEXT;
    ALTER TABLE tag ADD COLUMN reason TEXT CHECK (reason IN ('rollback', 'promotion', 'restore'));
    ALTER TABLE tag ADD COLUMN ended_credential TEXT;
    ALTER TABLE tag ADD COLUMN ended_address TEXT;
    ALTER TABLE tag ADD COLUMN is_deleted INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE tag ADD COLUMN kept_until INTEGER;
    UPDATE tag SET is_deleted = 1
    WHERE ended_at IS NOT NULL
      AND NOT EXISTS (
        SELECT 1 FROM tag next
        WHERE next.repository_id = tag.repository_id AND next.name = tag.name AND next.began_at = tag.ended_at
          AND next.id > tag.id);
    CREATE INDEX tag_kept ON tag (kept_until) WHERE kept_until IS NOT NULL;
    CREATE INDEX tag_kept_digest ON tag (repository_id, digest, kept_until) WHERE kept_until IS NOT NULL;
    CREATE INDEX tag_trash ON tag (repository_id, kept_until) WHERE is_deleted = 1 AND kept_until IS NOT NULL;

    -- The hidden manifests that can be restored, and that no review may look at; deleted_by is NULL where no person
    -- deleted them. They are no columns of manifest, because they would stand behind its bytes.
    CREATE TABLE trashed (
      manifest_id INTEGER PRIMARY KEY REFERENCES manifest (id),
      repository_id INTEGER NOT NULL REFERENCES repository (id),
      deleted_at INTEGER NOT NULL,
      deleted_by TEXT,
      kept_until INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX trashed_kept ON trashed (kept_until, manifest_id);
    CREATE INDEX trashed_repository ON trashed (repository_id, kept_until, manifest_id);
    CREATE TRIGGER manifest_shown AFTER UPDATE OF unlinked_at ON manifest
    WHEN NEW.unlinked_at IS NULL AND OLD.unlinked_at IS NOT NULL BEGIN
      DELETE FROM trashed WHERE manifest_id = NEW.id;
    END;

    -- How long each owner's trash is kept; the owner '' stands for those that say nothing.
    CREATE TABLE trash_window (
      owner TEXT PRIMARY KEY,
      milliseconds INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    """
}

/// How long what is deleted in a repository can be restored.
enum TrashWindow {
  /// The owner that stands for all that say nothing.
  static let everybody = ""

  /// An expression for the window of the repository whose row an expression names, in milliseconds; 0 keeps nothing.
  static func milliseconds(of repository: String) -> String {
    """
    COALESCE(
      (SELECT w.milliseconds FROM repository o JOIN trash_window w ON w.owner = o.owner WHERE o.id = \(repository)),
      (SELECT w.milliseconds FROM trash_window w WHERE w.owner = ''), 0)
    """
  }
}
