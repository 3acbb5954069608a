/// What a catalogue can fail with.
public enum CatalogError: Error, Sendable, CustomStringConvertible {
  /// There is no room for more: the disk is full.
  case outOfSpace(String)
  /// A rule or a hold keeps what was to be changed, and nothing was.
  case refused(ProtectionRefusal)
  /// A quota leaves too little room for what was to be stored, and nothing was.
  case overQuota(QuotaRefusal)
  /// The database failed, for a reason that no other case names.
  case database(String)

  /// What went wrong.
  public var description: String {
    switch self {
    case .outOfSpace(let what): "there is no room left: \(what)"
    case .refused(let refusal): refusal.description
    case .overQuota(let refusal): refusal.description
    case .database(let what): what
    }
  }
}
