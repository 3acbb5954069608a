public import Catalog
public import OCI

/// A repository, what it holds, and what a policy does to it.
public struct PlannedRepository: Sendable {
  /// The repository.
  public let name: RepositoryName
  /// The policy, put together of those that hold there.
  public let policy: RetentionPolicy
  /// What it holds.
  public let contents: RepositoryContents
  /// What stays and what goes.
  public let plan: RetentionPlan

  /// How much goes.
  public var totals: RetentionTotals {
    var totals = RetentionTotals()
    totals.tags = plan.removals.count(of: .tags)
    totals.manifests = plan.removals.count(of: .manifests)
    totals.blobs = plan.removedBlobs.count
    totals.bytes = plan.removedBytes
    return totals
  }
}

extension RetentionTotals {
  /// Adds what goes from another repository.
  public static func += (left: inout RetentionTotals, right: RetentionTotals) {
    left.tags += right.tags
    left.manifests += right.manifests
    left.blobs += right.blobs
    left.bytes += right.bytes
  }
}
