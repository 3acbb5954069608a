internal import GRDB

extension SQLiteCatalog {
  /// What each owner has, in no order. It reads all links of blobs.
  public func usageOfOwners() async throws(CatalogError) -> [StorageUsage] {
    try await read(while: "adding up what owners have") { database in
      var sums = try UsageSums(database, where: "bytes > 0", [])
      try sums.addShared(database, where: "", [])
      return sums.owners
    }
  }

  /// What an owner has, and what each of its repositories has, in no order.
  public func usage(of owner: AccountName) async throws(CatalogError) -> OwnerUsage {
    try await read(while: "adding up what \(owner) has") { database in
      var sums = try UsageSums(database, where: "owner = ?", [owner.value])
      try sums.addShared(
        database,
        where: """
          AND held.blob_id IN (
            SELECT own.blob_id FROM repository r CROSS JOIN blob_link own ON own.repository_id = r.id WHERE r.owner = ?)
          """, [owner.value])
      let whole = sums.owners.first { $0.name == owner.value }
      return OwnerUsage(
        owner: whole ?? StorageUsage(name: owner.value, bytes: 0, unique: 0), repositories: sums.repositories)
    }
  }
}

/// The bytes of repositories and owners, and how many of them others have, within one transaction.
///
/// The bytes of each repository are kept with each change; what is looked for is what several have. It goes through the
/// links in the order of their blobs, so that it holds no more than the repositories.
private struct UsageSums {
  private struct Holder {
    let name: String
    var bytes: Int64
    var shared: Int64 = 0
  }

  private var byRepository: [Int64: (holder: Holder, owner: Int)] = [:]
  private var byOwner: [Holder] = []

  init(_ database: Database, where condition: String, _ arguments: StatementArguments) throws {
    var places: [String: Int] = [:]
    let rows = try Row.fetchCursor(
      database.cachedStatement(sql: "SELECT id, name, owner, bytes FROM repository used WHERE \(condition)"),
      arguments: arguments)
    while let row = try rows.next() {
      let (owner, bytes): (String, Int64) = (row[2], row[3])
      let place = places[owner] ?? byOwner.count
      if place == byOwner.count {
        places[owner] = place
        byOwner.append(Holder(name: owner, bytes: 0))
      }
      byOwner[place].bytes += bytes
      byRepository[row[0]] = (Holder(name: row[1], bytes: bytes), place)
    }
  }

  var repositories: [StorageUsage] { byRepository.values.filter { $0.holder.bytes > 0 }.map { Self.usage($0.holder) } }
  var owners: [StorageUsage] { byOwner.map(Self.usage) }

  private static func usage(_ holder: Holder) -> StorageUsage {
    StorageUsage(name: holder.name, bytes: holder.bytes, unique: holder.bytes - holder.shared)
  }

  mutating func addShared(_ database: Database, where condition: String, _ arguments: StatementArguments) throws {
    let rows = try Row.fetchCursor(
      database.cachedStatement(
        sql: """
          SELECT held.blob_id, held.repository_id, b.size
          FROM blob_link held CROSS JOIN blob b ON b.id = held.blob_id
          WHERE \(Usage.counts("held")) \(condition)
          ORDER BY held.blob_id
          """), arguments: arguments)
    var (blob, size, holders): (Int64, Int64, [Int64]) = (0, 0, [])
    while let row = try rows.next() {
      if row[0] != blob {
        add(size, sharedBy: holders)
        (blob, size) = (row[0], row[2])
        holders.removeAll(keepingCapacity: true)
      }
      holders.append(row[1])
    }
    add(size, sharedBy: holders)
  }

  /// Repositories that were not read belong to others.
  private mutating func add(_ size: Int64, sharedBy repositories: [Int64]) {
    guard repositories.count > 1 else { return }
    var counts: [Int: Int64] = [:]
    var others = false
    for repository in repositories {
      guard let owner = byRepository[repository]?.owner else {
        others = true
        continue
      }
      byRepository[repository]?.holder.shared += size
      counts[owner, default: 0] += 1
    }
    for (owner, count) in counts {
      byOwner[owner].bytes -= (count - 1) * size
      if others || counts.count > 1 { byOwner[owner].shared += size }
    }
  }
}
