internal import Catalog
internal import OCI

/// What one request may add to an upload, by the quota that leaves least room.
struct UploadRoom {
  private let repository: RepositoryName
  private let digest: Digest?
  private let catalog: any Catalog
  private var quota: Quota?
  /// The size of the blob that the upload becomes, where the repository has it already and it adds nothing.
  private var known: Int64 = 0

  /// - Parameters:
  ///   - quota: as it was when the upload began here; nil where there was none.
  ///   - digest: what the upload becomes, where the request says so.
  init(of repository: RepositoryName, _ quota: Quota?, as digest: Digest?, _ catalog: any Catalog) {
    self.repository = repository
    self.quota = quota
    self.digest = digest
    self.catalog = catalog
  }

  /// Refuses so many bytes where there is no room for them now, unless they are a blob that the repository has.
  ///
  /// The catalogue is asked only where there was too little room when the upload began.
  mutating func require(_ size: Int64) async throws {
    guard let before = quota, size > max(before.room, known) else { return }
    quota = try await catalog.tightestQuota(in: repository)
    guard let quota, size > quota.room else { return }
    if let digest { known = try await catalog.blobSize(digest, in: repository, touchedUnless: nil) ?? 0 }
    if size <= known { return }
    throw QuotaRefusal(repository: repository, quota: quota, needed: size)
  }
}
