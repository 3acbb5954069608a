/// How many bytes owners and repositories have, and how many of them nobody else has.
public protocol UsageCatalog: Sendable {
  /// What each owner has, in no order. It reads all links of blobs.
  func usageOfOwners() async throws(CatalogError) -> [StorageUsage]

  /// What an owner has, and what each of its repositories has, in no order.
  func usage(of owner: AccountName) async throws(CatalogError) -> OwnerUsage
}

/// How many bytes an owner or a repository has.
public struct StorageUsage: Hashable, Sendable {
  /// The owner, or the repository.
  public let name: String
  /// Its blobs, each once, and its manifests.
  public let bytes: Int64
  /// Those of them that no other has.
  public let unique: Int64

  /// Makes one of its parts.
  public init(name: String, bytes: Int64, unique: Int64) {
    self.name = name
    self.bytes = bytes
    self.unique = unique
  }
}

/// What an owner has, and what each of its repositories has.
public struct OwnerUsage: Hashable, Sendable {
  /// The owner; a blob that several of its repositories have counts once.
  public let owner: StorageUsage
  /// The repositories that have something.
  public let repositories: [StorageUsage]

  /// Makes one of both.
  public init(owner: StorageUsage, repositories: [StorageUsage]) {
    self.owner = owner
    self.repositories = repositories
  }
}
