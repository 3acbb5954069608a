public import OCI

/// What retention asks of a catalogue.
public protocol RetentionCatalog: PullCatalog {
  /// Everything in a repository that is not deleted, as it is at one moment; nil where there is no such repository.
  func contents(of repository: RepositoryName) async throws(CatalogError) -> RepositoryContents?

  // MARK: Policies

  /// Puts a policy in the place of the one that a scope has, if any.
  func setRetentionPolicy(
    _ text: String, for scope: RepositoryScope, by actor: Author
  ) async throws(CatalogError) -> RetentionPolicyRecord

  /// Takes a scope's policy away.
  ///
  /// - Returns: whether it had one.
  func removeRetentionPolicy(of scope: RepositoryScope, by actor: Author) async throws(CatalogError) -> Bool

  /// The policies of some scopes, in no order.
  func retentionPolicies(of scopes: [RepositoryScope]) async throws(CatalogError) -> [RetentionPolicyRecord]

  /// Policies that a rule of the caller's lets through, in the order of their scopes' bytes, after one scope.
  func retentionPolicies(
    where isListed: @escaping @Sendable (RepositoryScope) -> Bool, after: String?, limit: Int
  ) async throws(CatalogError) -> [RetentionPolicyRecord]

  /// The repositories of a scope, in the order of their names' bytes, after one name; those that mirror another registry
  /// are left out, because what they hold follows their upstream.
  func repositories(
    in scope: RepositoryScope, after: String?, limit: Int
  ) async throws(CatalogError) -> [RepositoryName]

  // MARK: Runs

  /// Begins a run. What was committed before is seen by whoever reads from now on, and everything else happens at or
  /// after the moment that the run says.
  func beginRetentionRun(_ scope: RepositoryScope, by actor: Author) async throws(CatalogError) -> RetentionRun

  /// Stores what a run takes from one repository.
  func addRetentionPart(_ part: NewRetentionPart) async throws(CatalogError)

  /// Records that a plan is whole, and can be applied.
  func retentionPlanned(_ run: Int64) async throws(CatalogError)

  /// Records that a run is being applied, where it was not before.
  ///
  /// - Returns: the run as it is then; nil where there is none, or its plan is not whole.
  func beginApplying(_ run: Int64, by actor: Author) async throws(CatalogError) -> RetentionRun?

  /// Removes what comes next of what a part takes, up to a number of things, and leaves alone what has changed.
  ///
  /// - Parameter done: where the caller thinks that it goes on.
  /// - Returns: how many were looked at; nil where another has gone on meanwhile, or the run was undone.
  func applyRetention(
    _ removals: StoredRemovals, from done: Int, count: Int, by actor: Author
  ) async throws(CatalogError) -> Int?

  /// Records that a run is being undone, where it was not before.
  ///
  /// - Returns: the run as it is then; nil where there is none, or nothing of it was applied.
  func beginUndoing(_ run: Int64, by actor: Author) async throws(CatalogError) -> RetentionRun?

  /// Brings back what a part of a run that is being undone took last, up to a number of things.
  ///
  /// What was pushed or restored meanwhile stays as it is.
  /// - Returns: how many were looked at; 0 where all have been.
  func undoRetention(_ removals: StoredRemovals, count: Int, by actor: Author) async throws(CatalogError) -> Int

  /// What a part takes; nil where there is no such part.
  func removals(of part: Int64) async throws(CatalogError) -> StoredRemovals?

  /// A run.
  func retentionRun(_ id: Int64) async throws(CatalogError) -> RetentionRun?

  /// Runs that a rule of the caller's lets through, the newest first, before one.
  func retentionRuns(
    where isListed: @escaping @Sendable (RepositoryScope) -> Bool, before: Int64?, limit: Int
  ) async throws(CatalogError) -> [RetentionRun]

  /// The parts of a run, in the order of their rows, after one.
  func retentionParts(of run: Int64, after: Int64?, limit: Int) async throws(CatalogError) -> [RetentionPart]

  /// Forgets runs that began before a moment, up to a number.
  ///
  /// - Returns: how many there were.
  func removeRetentionRuns(before moment: Timestamp, limit: Int) async throws(CatalogError) -> Int
}
