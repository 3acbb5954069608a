import Foundation
import GRDB
import OCI
import TestSupport
import Testing

@testable import Catalog

@Suite("SQLite catalogue")
struct SQLiteCatalogTests {
  @Test("does what every catalogue does", arguments: CatalogSuite.all)
  func suite(_ behaviour: CatalogSuite) async throws {
    try await withCatalogFile { path in
      let catalog = try SQLiteCatalog(path: path)
      try await behaviour.run(catalog)
      try await catalog.close()
    }
  }

  @Test("a database that a newer version wrote is refused, and left as it is")
  func refusesNewerSchema() async throws {
    try await withCatalogFile { path in
      let catalog = try SQLiteCatalog(path: path)
      try await catalog.write(while: "testing") { database in
        try database.execute(sql: "INSERT INTO grdb_migrations (identifier) VALUES ('v1000')")
      }
      try await catalog.close()
      let error = #expect(throws: CatalogError.self) { try SQLiteCatalog(path: path) }
      #expect(error?.description.contains("newer version") == true)
    }
  }

  @Test("the write-ahead log stays bounded while writes go on")
  func boundsLog() async throws {
    try await withCatalogFile { path in
      let catalog = try SQLiteCatalog(path: path)
      try await catalog.write(while: "testing") { try $0.execute(sql: "CREATE TABLE filler (bytes BLOB)") }
      for _ in 0..<160 {
        try await catalog.write(while: "testing") { try $0.run("INSERT INTO filler VALUES (zeroblob(1048576))") }
      }
      let size = try FileManager.default.attributesOfItem(atPath: path + "-wal")[.size] as? Int
      #expect(try #require(size) < 80 << 20)
      try await catalog.close()
    }
  }

  @Test("what was answered is there after it was closed and opened again")
  func reopens() async throws {
    try await withCatalogFile { path in
      let upload = UploadID()
      let first = CatalogScenario(try SQLiteCatalog(path: path))
      let image = try await first.pushImage(["config", "layer"], tags: ["latest"])
      try await first.catalog.beginUpload(upload, in: first.repository)
      try await first.catalog.close()

      let second = CatalogScenario(try SQLiteCatalog(path: path))
      #expect(try await second.resolve("latest") == image.digest)
      #expect(try await second.catalog.upload(upload, in: second.repository) != nil)
      #expect(try await second.catalog.totals().blobs == 2)
      try await second.catalog.close()
    }
  }

  @Test("what was answered is there in a copy of the files taken without closing it")
  func survivesWithoutClosing() async throws {
    try await withCatalogFile { path in
      let scenario = CatalogScenario(try SQLiteCatalog(path: path))
      let image = try await scenario.pushImage(["config"], tags: ["latest"])
      let copy = path + ".copy"
      for suffix in ["", "-wal"] {
        try FileManager.default.copyItem(atPath: path + suffix, toPath: copy + suffix)
      }
      try await scenario.catalog.close()

      let recovered = CatalogScenario(try SQLiteCatalog(path: copy))
      #expect(try await recovered.resolve("latest") == image.digest)
      #expect(try await recovered.catalog.inconsistencies() == [])
      try await recovered.catalog.close()
    }
  }

  @Test("a call after it was closed fails, and says so")
  func failsWhenClosed() async throws {
    try await withCatalogFile { path in
      let scenario = CatalogScenario(try SQLiteCatalog(path: path))
      try await scenario.catalog.close()
      let error = await #expect(throws: CatalogError.self) { try await scenario.catalog.totals() }
      #expect(error?.description.contains("closed") == true)
      await #expect(throws: CatalogError.self) { try await scenario.pushBlob("a") }
    }
  }

  @Test("a member who is no user and a token of the wrong account are inconsistencies")
  func findsBrokenAccess() async throws {
    try await withCatalogFile { path in
      let catalog = try SQLiteCatalog(path: path)
      let scenario = CatalogScenario(catalog)
      for name in ["team", "other"] { try await scenario.makeOrganization(name) }
      try await scenario.makeToken("ci", of: "team", kind: .robot)
      #expect(try await catalog.inconsistencies() == [])
      try await catalog.write(while: "testing") { database in
        try database.execute(
          sql: """
            INSERT INTO member (organization_id, user_id, role)
              SELECT team.id, other.id, 'read' FROM account team, account other
              WHERE team.name = 'team' AND other.name = 'other';
            UPDATE token SET kind = 'personal';
            """)
      }
      let faults = try await catalog.inconsistencies()
      #expect(faults.count == 2)
      #expect(faults.first?.contains("other is a member of team") == true)
      #expect(faults.last?.contains("personal token") == true)
      try await catalog.close()
    }
  }

  @Test("what is counted wrong is found, and counted anew")
  func recounts() async throws {
    try await withCatalogFile { path in
      let catalog = try SQLiteCatalog(path: path)
      let scenario = CatalogScenario(catalog)
      let image = try await scenario.pushImage(["config", "layer"], tags: ["v1"])
      try await catalog.write(while: "testing") { database in
        try database.execute(
          sql: """
            UPDATE owner_usage SET bytes = 7;
            UPDATE blob_link SET manifests = 5;
            UPDATE repository SET bytes = bytes + 1;
            """)
      }
      let size = image.bytes.count + 11
      #expect(
        try await catalog.usageFaults() == [
          UsageFault(subject: "team/app", note: "\(size + 1) bytes are counted, and there are \(size)"),
          UsageFault(subject: "team", note: "8 bytes are counted, and there are \(size + 1)"),
          UsageFault(subject: "team/app", note: "5 manifests that need a blob are counted, and there are 1"),
          UsageFault(subject: "team/app", note: "5 manifests that need a blob are counted, and there are 1"),
        ])
      try await catalog.recountUsage()
      #expect(try await catalog.usageFaults() == [])
      try await catalog.close()
    }
  }

  @Test("a file that is no database is refused by name")
  func refusesOtherFiles() async throws {
    try await withCatalogFile { path in
      try Data(repeating: 65, count: 8192).write(to: URL(fileURLWithPath: path))
      let error = #expect(throws: CatalogError.self) { try SQLiteCatalog(path: path) }
      #expect(error?.description.contains(path) == true)
    }
  }
}

@Suite("SQLite catalogue Race")
struct SQLiteCatalogRaceTests {
  @Test("clients and the collector meet", arguments: CatalogSuite.races)
  func suite(_ behaviour: CatalogSuite) async throws {
    try await withCatalogFile { path in
      let catalog = try SQLiteCatalog(path: path)
      try await behaviour.run(catalog)
      try await catalog.close()
    }
  }
}

/// Lends the path of a file that does not exist, in a folder of its own that is deleted afterwards.
func withCatalogFile(_ body: (String) async throws -> Void) async throws {
  try await withTemporaryFolder { try await body("\($0)/catalog.sqlite") }
}
