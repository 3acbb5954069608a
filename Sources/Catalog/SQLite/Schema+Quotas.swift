extension Schema {
  /// How much there is in each repository, and how much there may be.
  ///
  /// A link counts where it is visible, and a visible manifest needs it or none has needed it since the blob was pushed:
  /// so a push counts while it goes on, and what is deleted counts no longer.
  static let quotas = """
    -- How many visible manifests of the repository need the blob; NULL where none has since it was pushed.
    ALTER TABLE blob_link ADD COLUMN manifests INTEGER;
    UPDATE blob_link SET manifests = (
      SELECT SUM(m.unlinked_at IS NULL)
      FROM manifest_blob n JOIN manifest m ON m.id = n.manifest_id
      WHERE n.repository_id = blob_link.repository_id AND n.blob_id = blob_link.blob_id);

    -- The sizes of the blobs whose links count and of the visible manifests; for an owner, of all its repositories.
    ALTER TABLE repository ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0;
    UPDATE repository SET bytes = \(Usage.counted(in: "repository.id"));
    CREATE TABLE owner_usage (
      owner TEXT PRIMARY KEY,
      bytes INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    INSERT INTO owner_usage (owner, bytes) SELECT owner, SUM(bytes) FROM repository GROUP BY owner;

    -- scope is a repository or an owner. refused_at_bytes says how much there was when something was refused and that was
    -- recorded; NULL once there is less.
    CREATE TABLE quota (
      scope TEXT PRIMARY KEY,
      bytes INTEGER NOT NULL,
      set_at INTEGER NOT NULL,
      set_by TEXT NOT NULL,
      refused_at_bytes INTEGER
    ) STRICT, WITHOUT ROWID;

    CREATE TRIGGER repository_made AFTER INSERT ON repository BEGIN
      INSERT INTO owner_usage (owner, bytes) SELECT NEW.owner, 0
      WHERE NOT EXISTS (SELECT 1 FROM owner_usage WHERE owner = NEW.owner);
    END;
    CREATE TRIGGER repository_usage AFTER UPDATE OF bytes ON repository WHEN NEW.bytes <> OLD.bytes BEGIN
      UPDATE owner_usage SET bytes = bytes + NEW.bytes - OLD.bytes WHERE owner = NEW.owner;
    END;
    CREATE TRIGGER repository_usage_fell AFTER UPDATE OF bytes ON repository WHEN NEW.bytes < OLD.bytes BEGIN
      UPDATE quota SET refused_at_bytes = NULL WHERE scope = NEW.name AND refused_at_bytes > NEW.bytes;
    END;
    CREATE TRIGGER owner_usage_fell AFTER UPDATE OF bytes ON owner_usage WHEN NEW.bytes < OLD.bytes BEGIN
      UPDATE quota SET refused_at_bytes = NULL WHERE scope = NEW.owner AND refused_at_bytes > NEW.bytes;
    END;

    CREATE TRIGGER blob_link_made AFTER INSERT ON blob_link WHEN \(Usage.counts("NEW")) BEGIN
      UPDATE repository SET bytes = bytes + (SELECT size FROM blob WHERE id = NEW.blob_id) WHERE id = NEW.repository_id;
    END;
    CREATE TRIGGER blob_link_changed AFTER UPDATE OF unlinked_at, manifests ON blob_link
    WHEN (\(Usage.counts("NEW"))) <> (\(Usage.counts("OLD"))) BEGIN
      UPDATE repository
      SET bytes = bytes + (CASE WHEN \(Usage.counts("NEW")) THEN 1 ELSE -1 END)
        * (SELECT size FROM blob WHERE id = NEW.blob_id)
      WHERE id = NEW.repository_id;
    END;
    CREATE TRIGGER blob_link_removed AFTER DELETE ON blob_link WHEN \(Usage.counts("OLD")) BEGIN
      UPDATE repository SET bytes = bytes - (SELECT size FROM blob WHERE id = OLD.blob_id)
      WHERE id = OLD.repository_id;
    END;
    CREATE TRIGGER blob_resized AFTER UPDATE OF size ON blob WHEN NEW.size <> OLD.size BEGIN
      UPDATE repository SET bytes = bytes + NEW.size - OLD.size
      WHERE id IN (SELECT l.repository_id FROM blob_link l WHERE l.blob_id = NEW.id AND \(Usage.counts("l")));
    END;

    CREATE TRIGGER manifest_made AFTER INSERT ON manifest WHEN NEW.unlinked_at IS NULL BEGIN
      UPDATE repository SET bytes = bytes + NEW.size WHERE id = NEW.repository_id;
    END;
    CREATE TRIGGER manifest_hidden AFTER UPDATE OF unlinked_at ON manifest
    WHEN NEW.unlinked_at IS NOT NULL AND OLD.unlinked_at IS NULL BEGIN
      UPDATE repository SET bytes = bytes - NEW.size WHERE id = NEW.repository_id;
      UPDATE blob_link SET manifests = manifests - 1
      WHERE repository_id = NEW.repository_id
        AND blob_id IN (SELECT blob_id FROM manifest_blob WHERE manifest_id = NEW.id);
    END;
    CREATE TRIGGER manifest_unhidden AFTER UPDATE OF unlinked_at ON manifest
    WHEN NEW.unlinked_at IS NULL AND OLD.unlinked_at IS NOT NULL BEGIN
      UPDATE repository SET bytes = bytes + NEW.size WHERE id = NEW.repository_id;
      UPDATE blob_link SET manifests = COALESCE(manifests, 0) + 1
      WHERE repository_id = NEW.repository_id
        AND blob_id IN (SELECT blob_id FROM manifest_blob WHERE manifest_id = NEW.id);
    END;
    CREATE TRIGGER manifest_removed AFTER DELETE ON manifest WHEN OLD.unlinked_at IS NULL BEGIN
      UPDATE repository SET bytes = bytes - OLD.size WHERE id = OLD.repository_id;
    END;
    CREATE TRIGGER manifest_blob_made AFTER INSERT ON manifest_blob
    WHEN (SELECT unlinked_at IS NULL FROM manifest WHERE id = NEW.manifest_id) BEGIN
      UPDATE blob_link SET manifests = COALESCE(manifests, 0) + 1
      WHERE repository_id = NEW.repository_id AND blob_id = NEW.blob_id;
    END;
    CREATE TRIGGER manifest_blob_removed AFTER DELETE ON manifest_blob
    WHEN (SELECT unlinked_at IS NULL FROM manifest WHERE id = OLD.manifest_id) BEGIN
      UPDATE blob_link SET manifests = manifests - 1
      WHERE repository_id = OLD.repository_id AND blob_id = OLD.blob_id;
    END;
    """
}

/// What counts as a repository's bytes.
enum Usage {
  /// A condition on a row of `blob_link`: that the blob counts in the repository.
  static func counts(_ link: String) -> String {
    "\(link).unlinked_at IS NULL AND \(link).manifests IS DISTINCT FROM 0"
  }

  /// An expression for what the rows say that there is in the repository whose row an expression names, in bytes.
  static func counted(in repository: String) -> String {
    """
    COALESCE((
        SELECT SUM(b.size) FROM blob_link l JOIN blob b ON b.id = l.blob_id
        WHERE l.repository_id = \(repository) AND \(counts("l"))), 0)
      + COALESCE((SELECT SUM(m.size) FROM manifest m WHERE m.repository_id = \(repository) AND m.unlinked_at IS NULL), 0)
    """
  }
}
