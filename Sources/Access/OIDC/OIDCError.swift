/// Why a token of an OIDC issuer does not let its bearer in.
public struct OIDCError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What kind of fault it is.
  public let code: Code
  /// What was wrong, for the operator's log and audit: it may name rules and conditions, and never holds the token.
  public let reason: String

  init(_ code: Code, _ reason: String) {
    self.code = code
    self.reason = reason
  }

  /// What the bearer is told: nothing that would help to find out what the rules are.
  public var message: String { code.message }

  /// The operator's reason.
  public var description: String { reason }

  /// The kinds of faults.
  public enum Code: String, CaseIterable, Sendable {
    /// The token is longer than any that is read.
    case tooLong
    /// It does not consist of three parts (RFC 7515, section 7.1).
    case notThreeParts
    /// A part is not base64url without padding (RFC 7515, section 2).
    case invalidEncoding
    /// The header is not what a header may be.
    case invalidHeader
    /// The algorithm is not one that a public key verifies.
    case unsupportedAlgorithm
    /// The header asks for an extension (`crit`, `b64`) that is not understood.
    case unsupportedExtension
    /// `typ` says that it is something else than a token for access.
    case wrongType
    /// The payload is not an object of claims.
    case invalidPayload
    /// A claim that every token needs is missing or has the wrong form.
    case invalidClaim
    /// No rule trusts the issuer.
    case unknownIssuer
    /// It has expired.
    case expired
    /// It is not valid yet.
    case notYetValid
    /// It would be valid for longer than a token of a workflow has any reason to be.
    case lifetimeTooLong
    /// The issuer's keys cannot be had now; another try may succeed.
    case issuerUnavailable
    /// The issuer has no key of that identifier.
    case unknownKey
    /// The token names no key, and the issuer has several.
    case missingKeyIdentifier
    /// The key is not one for the token's algorithm.
    case algorithmMismatch
    /// The key did not make the signature.
    case invalidSignature
    /// It was made for somebody else.
    case wrongAudience
    /// No rule's conditions hold.
    case conditionsNotMet

    fileprivate var message: String {
      switch self {
      case .expired: "the OIDC token has expired"
      case .notYetValid: "the OIDC token is not valid yet"
      case .issuerUnavailable: "the keys of the OIDC token's issuer cannot be had now; try again later"
      case .wrongAudience, .conditionsNotMet: "this registry does not let in the workflow of the OIDC token"
      default: "the OIDC token is not one that this registry accepts"
      }
    }
  }
}
