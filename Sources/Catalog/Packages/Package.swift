public import OCI

/// A repository as GitHub's packages API knows it; its row, which is never used again, is the package's id.
public struct Package: Hashable, Sendable {
  /// The row of the repository.
  public let id: Int64
  /// The repository.
  public let repository: RepositoryName
  /// Who may see it: what it says itself, or else its owner's default.
  public let visibility: Visibility
  /// How many manifests it holds, children and referrers included.
  public let versionCount: Int
  /// When the repository was made.
  public let createdAt: Timestamp
  /// When it was last pushed to, or a tag was last set.
  public let updatedAt: Timestamp

  /// Makes one of its parts.
  public init(
    id: Int64, repository: RepositoryName, visibility: Visibility, versionCount: Int, createdAt: Timestamp,
    updatedAt: Timestamp
  ) {
    self.id = id
    self.repository = repository
    self.visibility = visibility
    self.versionCount = versionCount
    self.createdAt = createdAt
    self.updatedAt = updatedAt
  }
}

/// A manifest as GitHub's packages API knows it; its row, which is never used again, is the version's id.
public struct PackageVersion: Hashable, Sendable {
  /// Which versions of a package are asked for.
  public enum State: String, CaseIterable, Sendable {
    /// Those that can be pulled.
    case active
    /// Those that are in the trash.
    case deleted
  }

  /// The row of the manifest.
  public let id: Int64
  /// The digest.
  public let digest: Digest
  /// The tags that name it, or for a deleted one those that went with it, in the order of their bytes.
  public let tags: [Tag]
  /// When it was pushed, the last time where that was often.
  public let createdAt: Timestamp
  /// When it was pushed, or one of its tags came or went, whatever was last.
  public let updatedAt: Timestamp
  /// When it was deleted; nil for one that is there.
  public let deletedAt: Timestamp?
  /// How often it was downloaded by its digest or a tag.
  public let downloads: Int64

  /// Makes one of its parts.
  public init(
    id: Int64, digest: Digest, tags: [Tag], createdAt: Timestamp, updatedAt: Timestamp, deletedAt: Timestamp?,
    downloads: Int64
  ) {
    self.id = id
    self.digest = digest
    self.tags = tags
    self.createdAt = createdAt
    self.updatedAt = updatedAt
    self.deletedAt = deletedAt
    self.downloads = downloads
  }
}

/// Which page of a list is asked for, by its number.
public struct PageNumber: Hashable, Sendable {
  /// From 1.
  public let number: Int
  /// How many elements a page has, from 1.
  public let size: Int

  /// The highest number of a page that is told from those behind it, which are as empty.
  private static let highest = 1 << 32

  /// Takes both; what is below 1 counts as 1.
  public init(_ number: Int, size: Int) {
    self.number = min(max(number, 1), Self.highest)
    self.size = max(size, 1)
  }

  /// How many elements stand before the page.
  var offset: Int { (number - 1) * size }
}

/// One numbered page of a list, and how long the list is.
public struct NumberedPage<Element: Sendable>: Sendable {
  /// The page's elements, in the list's order.
  public let elements: [Element]
  /// How many elements all pages have.
  public let total: Int

  /// Takes both.
  public init(_ elements: [Element], total: Int) {
    self.elements = elements
    self.total = total
  }
}
