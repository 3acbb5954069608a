public import OCI

/// What is known about what may not change: rules for tags, and holds on manifests.
///
/// They are looked at in the transaction of each change, whatever asks for it. A change that one of them forbids fails
/// with `CatalogError.refused`, and nothing of its transaction is kept. Clean-up leaves what they keep alone.
public protocol ProtectionCatalog: Sendable {
  // MARK: Rules

  /// Puts a rule in force, for what is there already, too.
  ///
  /// - Returns: nil where there is a rule of that name.
  func addRule(_ new: NewProtectionRule, by actor: Author) async throws(CatalogError) -> ProtectionRule?

  /// Takes a rule away.
  ///
  /// - Returns: whether it was still there.
  func removeRule(_ rule: ProtectionRule, by actor: Author) async throws(CatalogError) -> Bool

  /// The rule of a name.
  func rule(_ name: RuleName) async throws(CatalogError) -> ProtectionRule?

  /// Rules that a rule of the caller's lets through, in the order of their names' bytes, after one name.
  func rules(
    where isListed: @escaping @Sendable (ProtectionRule) -> Bool, after: String?, limit: Int
  ) async throws(CatalogError) -> [ProtectionRule]

  /// The rules that hold in a repository, whether there is one of that name or not, in the order of their names' bytes.
  ///
  /// In a mirror, whose tags follow its upstream, only those hold whose pattern names the repositories' owner.
  func rules(in repository: RepositoryName) async throws(CatalogError) -> [ProtectionRule]

  // MARK: Holds

  /// Holds the manifest that a reference names now.
  func hold(
    _ reference: Reference, in repository: RepositoryName, reason: HoldReason, by actor: Author
  ) async throws(CatalogError) -> HoldOutcome

  /// Lets the manifest go that a reference names now.
  func release(
    _ reference: Reference, in repository: RepositoryName, by actor: Author
  ) async throws(CatalogError) -> HoldRelease

  /// Holds that a rule of the caller's lets through, of one repository or of all, in the order in which they were made,
  /// after one row.
  func holds(
    in repository: RepositoryName?, where isListed: @escaping @Sendable (Hold) -> Bool, after: Int64?, limit: Int
  ) async throws(CatalogError) -> [Hold]

  // MARK: Both

  /// Everything that keeps what a reference names.
  func protection(
    of reference: Reference, in repository: RepositoryName
  ) async throws(CatalogError) -> Protection
}
