public import BlobStorage
public import Catalog

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// What a registry keeps, in one folder: `catalog.sqlite`, `blobs/`, `uploads/`, and the lock of the process that uses it.
public struct DataFolder: Sendable {
  /// What is known about the bytes.
  public let catalog: any Catalog
  /// The bytes.
  public let blobs: any BlobStore
  private let lock: DataFolderLock

  /// Claims the folder, which is made where there is none, and opens what is in it.
  ///
  /// - Throws: `DataFolderError`, `CatalogError`, `BlobStoreError`.
  public init(path: String) async throws {
    lock = try DataFolderLock(folder: path)
    blobs = try await FileBlobStore(folder: path)
    catalog = try SQLiteCatalog(path: "\(path)/catalog.sqlite")
  }

  /// Claims a folder that a registry has used before, and opens what is in it.
  ///
  /// - Throws: as `init(path:)`, and where there is no registry's folder.
  public init(existing path: String) async throws {
    guard access("\(path)/catalog.sqlite", F_OK) == 0 else {
      throw DataFolderError("\(path) is not a data folder: there is no catalog.sqlite in it")
    }
    try await self.init(path: path)
  }

  /// Writes what is to be written, and lets go of the folder.
  public func close() async throws {
    try await catalog.close()
  }
}
