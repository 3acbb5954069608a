import Foundation
import GRDB
import OCI
import TestSupport
import Testing

@testable import Catalog

@Suite("Schema")
struct SchemaTests {
  @Test(
    "a migration that was released makes what it made then",
    arguments: [("v1", "sha256:559a4311ffa339b9abcdcaf75107d8f43fc87523541501f4041728f3b26c7c12")])
  func released(_ version: String, digest: String) throws {
    let database = try DatabaseQueue()
    try Schema.migrator.migrate(database, upTo: version)
    let schema = try database.read { database in
      try String.fetchAll(
        database, sql: "SELECT sql FROM sqlite_master WHERE sql NOT NULL AND name NOT LIKE 'grdb%' ORDER BY rowid")
    }
    #expect(Digest.of(Array(schema.joined(separator: "\n").utf8)).description == digest)
  }

  @Test("what the first version stored is there after the migration, and private until somebody says otherwise")
  func migratesFirstVersion() async throws {
    try await withCatalogFile { path in
      let names = ["app", "team/app", "team/a/b"]
      let image = Manifest.image(["config"])
      try Self.writeFirstVersion(to: path, repositories: names, image: image)

      let catalog = try SQLiteCatalog(path: path)
      #expect(try await catalog.inconsistencies() == [])
      let all = try await catalog.repositories(.all, after: nil, limit: 10)
      #expect(all.map(\.value) == names.sorted())
      for name in names {
        let scenario = CatalogScenario(catalog, repository: .named(name))
        #expect(try await scenario.resolve("latest") == image.digest)
        #expect(try await scenario.hasBlob("config"))
        let access = RepositoryAccess(exists: true, visibility: nil, owner: nil)
        #expect(try await catalog.repositoryAccess(.named(name)) == access)
      }
      #expect(try await catalog.auditEvents(AuditQuery(limit: 10)) == [])
      #expect(try await catalog.usageFaults() == [])
      let quota = try await catalog.setQuota(1, of: .owner(.named("team")), by: .somebody).quota
      #expect(quota.used == 2 * (6 + Int64(image.bytes.count)))
      #expect(try await catalog.removeQuota(of: .owner(.named("team")), by: .somebody))

      let scenario = CatalogScenario(catalog)
      try await scenario.makeOrganization("team")
      let readable = { (filter: RepositoryFilter) in
        try await catalog.repositories(filter, after: nil, limit: 10).map(\.value)
      }
      #expect(try await readable(.readable(owners: [], andInternal: true)) == [])
      #expect(try await readable(.readable(owners: [.named("team")], andInternal: false)) == ["team/a/b", "team/app"])
      #expect(try await catalog.deleteAccount(.named("team"), by: .somebody) == .owns(.named("team/a/b")))
      try await scenario.pushImage(["config", "layer"], tags: ["latest"])
      let moves = try await catalog.auditEvents(AuditQuery(limit: 1))
      #expect(moves.map { $0.detail["from"] } == [image.digest.description])
      try await catalog.close()
    }
  }

  @Test("links of blobs that only deleted manifests need do not count after the migration")
  func migratesUsage() async throws {
    try await withCatalogFile { path in
      try Self.writeFirstVersion(to: path, repositories: ["team/app", "team/other"], image: .image(["config"]))
      let database = try DatabaseQueue(path: path)
      try await database.write { try $0.execute(sql: "UPDATE manifest SET unlinked_at = 1 WHERE id = 1") }
      try database.close()

      let catalog = try SQLiteCatalog(path: path)
      let quota = try await catalog.setQuota(1, of: .repository(.named("team/app")), by: .somebody).quota
      #expect(quota.used == 0)
      #expect(try await catalog.usageFaults() == [])
      try await catalog.close()
    }
  }

  @Test("of the lifetimes that had ended before, those that nothing follows are deletions, and nothing is in the trash")
  func migratesLifetimes() async throws {
    try await withCatalogFile { path in
      let image = Manifest.image(["config"])
      try Self.writeFirstVersion(to: path, repositories: ["team/app"], image: image)
      let database = try DatabaseQueue(path: path)
      try await database.write { database in
        try database.execute(
          sql: """
            UPDATE tag SET ended_at = 10, ended_by = 'alice';
            INSERT INTO tag (repository_id, name, digest, began_at, began_by, ended_at)
              SELECT 1, 'latest', digest, 10, 'alice', 20 FROM tag;
            """)
      }
      try database.close()

      let scenario = CatalogScenario(try SQLiteCatalog(path: path))
      let history = try await scenario.catalog.lifetimes(
        of: .named("latest"), in: scenario.repository, after: nil, limit: 10)
      #expect(history.map(\.end?.isDeletion) == [true, false])
      #expect(history.map(\.beganBy?.name) == ["alice", nil])
      let tags = try await scenario.catalog.trashedTags(in: nil, after: nil, limit: 10)
      #expect(tags.isEmpty)
      try await scenario.catalog.close()
    }
  }

  /// Writes a catalogue as version 1 did, with one tagged image in each repository.
  private static func writeFirstVersion(to path: String, repositories: [String], image: Manifest) throws {
    let database = try DatabaseQueue(path: path)
    try Schema.migrator.migrate(database, upTo: "v1")
    try database.write { database in
      let digest = image.digest.key
      try database.execute(
        sql: "INSERT INTO blob (id, digest, size, created_at) VALUES (1, ?, 6, 0)",
        arguments: [Digest.blob("config").key])
      for (id, name) in repositories.enumerated() {
        try database.execute(
          sql: """
            INSERT INTO repository (id, name, created_at) VALUES (:id, :name, 0);
            INSERT INTO blob_link (repository_id, blob_id, linked_at) VALUES (:id, 1, 0);
            INSERT INTO manifest (id, repository_id, digest, media_type, size, pushed_at, bytes)
              VALUES (:id, :id, :digest, :type, :size, 0, :bytes);
            INSERT INTO manifest_blob (manifest_id, blob_id, repository_id) VALUES (:id, 1, :id);
            INSERT INTO tag (repository_id, name, digest, began_at) VALUES (:id, 'latest', :digest, 0);
            """,
          arguments: [
            "id": id + 1, "name": name, "digest": digest, "type": image.mediaType.value, "size": image.bytes.count,
            "bytes": Data(image.bytes),
          ])
      }
    }
    try database.close()
  }
}
