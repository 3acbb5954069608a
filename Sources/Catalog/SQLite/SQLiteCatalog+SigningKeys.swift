internal import Foundation
internal import GRDB
public import OCI

extension SQLiteCatalog {
  /// The keys that sign access tokens, the newest first.
  public func signingKeys() async throws(CatalogError) -> [SigningKey] {
    try await read(while: "reading the keys that sign tokens") { database in
      try database.all("SELECT id, private_key, created_at FROM signing_key ORDER BY number DESC") { row in
        SigningKey(id: row[0], privateKey: try row.bytes(at: 1), createdAt: Timestamp(milliseconds: row[2]))
      }
    }
  }

  /// Adds the key that signs from now on, and forgets those that were made before a moment.
  public func addSigningKey(
    _ key: SigningKey, forgettingBefore moment: Timestamp, by actor: Author
  ) async throws(CatalogError) {
    try await write(while: "adding the key \(key.id), which signs tokens") { database in
      let forgotten = try database.all(
        "DELETE FROM signing_key WHERE created_at < ? RETURNING id", [moment.milliseconds]
      ) { $0[0] as String }
      try database.run(
        "INSERT INTO signing_key (id, private_key, created_at) VALUES (?, ?, ?)",
        [key.id, Data(key.privateKey), key.createdAt.milliseconds])
      try database.record([
        Change(by: actor).event(
          .keyRotate, key.id, ["forgotten": forgotten.isEmpty ? nil : forgotten.sorted().joined(separator: " ")])
      ])
    }
  }
}
