/// What an operator should hear of while tokens are verified.
public enum OIDCNotice: Hashable, Sendable, CustomStringConvertible {
  /// An issuer's keys could not be fetched; those of an earlier fetch, `ageInSeconds` old, go on being used.
  case usesEarlierKeys(issuer: String, ageInSeconds: Int64, reason: String)
  /// An issuer's keys could not be fetched, and there are none that could be used.
  case hasNoKeys(issuer: String, reason: String)

  /// One line for the log.
  public var description: String {
    switch self {
    case .usesEarlierKeys(let issuer, let age, let reason):
      "the keys of the OIDC issuer \(issuer) cannot be fetched; those of \(age) s ago are used: \(reason)"
    case .hasNoKeys(let issuer, let reason):
      "the keys of the OIDC issuer \(issuer) cannot be fetched, and its tokens are refused: \(reason)"
    }
  }
}
