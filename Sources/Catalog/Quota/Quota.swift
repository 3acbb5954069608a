public import OCI

/// How many bytes an owner or a repository may have, and how many it has.
public struct Quota: Hashable, Sendable {
  /// Whose it is.
  public let scope: QuotaScope
  /// How many bytes it may have.
  public let limit: Int64
  /// How many it has: the blobs of its repositories, each once in each repository, and their manifests.
  ///
  /// What waits in the trash, or for the collector, is not among them.
  public let used: Int64

  /// Makes one of its parts.
  public init(scope: QuotaScope, limit: Int64, used: Int64) {
    self.scope = scope
    self.limit = limit
    self.used = used
  }

  /// How many bytes more it may have; 0 where it has more than it may.
  public var room: Int64 { max(0, limit - used) }
}

/// A quota with who set it.
public struct QuotaRecord: Hashable, Sendable {
  /// What it says.
  public let quota: Quota
  /// Since when it is in force.
  public let setAt: Timestamp
  /// Who set it.
  public let setBy: String

  /// Makes one of its parts.
  public init(quota: Quota, setAt: Timestamp, setBy: String) {
    self.quota = quota
    self.setAt = setAt
    self.setBy = setBy
  }
}

/// That something was not stored, because a quota leaves too little room for it.
public struct QuotaRefusal: Error, Hashable, Sendable {
  /// Where it was to be.
  public let repository: RepositoryName
  /// The quota, as it was before.
  public let quota: Quota
  /// How many bytes more there would have been, at the least.
  public let needed: Int64

  /// Makes one of its parts.
  public init(repository: RepositoryName, quota: Quota, needed: Int64) {
    self.repository = repository
    self.quota = quota
    self.needed = needed
  }

  /// Names that programs look at; sizes are in bytes.
  public var detail: [String: String] {
    [
      "name": repository.value, "quota": quota.scope.description, "limit": String(quota.limit),
      "used": String(quota.used),
      "needed": String(needed),
    ]
  }
}

extension QuotaRefusal: CustomStringConvertible {
  /// What there is, what there may be, and what would help.
  public var description: String {
    "\(quota.scope) has \(BinaryUnits.text(quota.used)) of its quota of \(BinaryUnits.text(quota.limit)), and this "
      + "takes \(BinaryUnits.text(needed)) more: delete images that are not needed, which makes room at once "
      + "(`berth du \(quota.scope)` shows what each takes), or have an administrator of the registry raise the quota "
      + "by `berth quota set \(quota.scope)`"
  }
}
