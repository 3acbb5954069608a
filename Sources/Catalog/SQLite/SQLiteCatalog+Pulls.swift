internal import GRDB
internal import OCI

extension SQLiteCatalog {
  /// Records that manifests were pulled; of what is not there nothing is recorded.
  public func recordPulls(_ pulls: [ManifestPulls]) async throws(CatalogError) {
    guard !pulls.isEmpty else { return }
    try await write(.relaxed, while: "recording pulls") { database in
      let rows: [[(any DatabaseValueConvertible)?]] = pulls.map { pull in
        [pull.manifest.repository.value, pull.manifest.digest.key, pull.last.milliseconds, pull.downloads]
      }
      try ValueRows(rows).forEach { marks, values in
        try database.run(
          """
          INSERT INTO manifest_pull (manifest_id, pulled_at, downloads)
          SELECT m.id, pull.column3, pull.column4
          FROM (VALUES \(marks)) AS pull
          JOIN repository r ON r.name = pull.column1
          JOIN manifest m ON m.repository_id = r.id AND m.digest = pull.column2
          WHERE true
          ON CONFLICT (manifest_id) DO UPDATE SET
            pulled_at = MAX(pulled_at, excluded.pulled_at), downloads = downloads + excluded.downloads
          """, values)
        try database.run(
          """
          UPDATE mirrored SET pulled_at = pull.column3
          FROM (VALUES \(marks)) AS pull
          JOIN repository r ON r.name = pull.column1
          JOIN manifest m ON m.repository_id = r.id AND m.digest = pull.column2
          WHERE mirrored.manifest_id = m.id AND mirrored.pulled_at < pull.column3
          """, values)
      }
      try database.recordEvents(of: pulls)
    }
  }
}

extension Database {
  /// Records downloads in the audit trail, those alone that a webhook is to be told of.
  fileprivate func recordEvents(of pulls: [ManifestPulls]) throws {
    let rows: [[(any DatabaseValueConvertible)?]] = pulls.filter { $0.downloads > 0 }.map { pull in
      let repository = pull.manifest.repository
      return [
        repository.value, pull.manifest.digest.key, pull.last.milliseconds, pull.manifest.digest.description,
        StringsColumn.encode(["downloads": "\(pull.downloads)"]), AccountName(ownerOf: repository).value,
      ]
    }
    try ValueRows(rows).forEach { marks, values in
      try run(
        """
        INSERT INTO audit (at, actor, action, outcome, repository, subject, detail)
        SELECT pull.column3, '\(Author.berth.name)', '\(AuditEvent.Action.pull.rawValue)',
          '\(AuditEvent.Outcome.done.rawValue)', pull.column1, pull.column4, pull.column5
        FROM (VALUES \(marks)) AS pull
        JOIN repository r ON r.name = pull.column1
        JOIN manifest m ON m.repository_id = r.id AND m.digest = pull.column2
        WHERE EXISTS (
          SELECT 1 FROM webhook h
          WHERE h.scope IN (pull.column1, pull.column6, '*') AND h.tells_pulls = 1 AND h.disabled = 0)
        """, values)
    }
  }
}
