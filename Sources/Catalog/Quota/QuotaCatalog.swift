public import OCI

/// Quotas, and how much there is.
///
/// What adds to a repository, pushes, mounts and promotions, is refused by `CatalogError.overQuota` in its own
/// transaction where there would be more than a quota allows. What brings back what was there before, and what a mirror
/// fetches, is not.
public protocol QuotaCatalog: Sendable {
  /// Sets a quota in place of the one that a scope has, if any. What is there already stays, however much it is.
  ///
  /// - Parameter limit: how many bytes there may be.
  func setQuota(_ limit: Int64, of scope: QuotaScope, by actor: Author) async throws(CatalogError) -> QuotaRecord

  /// Takes a scope's quota away.
  ///
  /// - Returns: whether it had one.
  func removeQuota(of scope: QuotaScope, by actor: Author) async throws(CatalogError) -> Bool

  /// A scope's quota, if it has one.
  func quota(of scope: QuotaScope) async throws(CatalogError) -> QuotaRecord?

  /// Quotas that a rule of the caller's lets through, in the order of their scopes' bytes, after one scope.
  func quotas(
    where isListed: @escaping @Sendable (QuotaScope) -> Bool, after: String?, limit: Int
  ) async throws(CatalogError) -> [QuotaRecord]

  /// The quota that leaves least room in a repository, which need not be there yet; nil where none holds in it.
  func tightestQuota(in repository: RepositoryName) async throws(CatalogError) -> Quota?

  /// Records that something was refused for a quota, once until there is less than there was then.
  func noteExceeded(
    _ scope: QuotaScope, in repository: RepositoryName, needed: Int64, by actor: Author
  ) async throws(CatalogError)
}

/// That the catalogue counts something else in a repository, or of an owner, than there is.
public struct UsageFault: Hashable, Sendable {
  /// The repository, or the owner.
  public let subject: String
  /// What is counted, and what there is.
  public let note: String

  /// Makes one of its parts.
  public init(subject: String, note: String) {
    self.subject = subject
    self.note = note
  }
}
