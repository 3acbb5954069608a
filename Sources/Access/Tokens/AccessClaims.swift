internal import JWTKit
internal import OCI

/// What an access token says (RFC 7519; Distribution's token specification, "Claim Set").
struct AccessClaims: JWTPayload, Hashable {
  /// Who the token stands for.
  struct Holder: Codable, Hashable, Sendable {
    enum Kind: String, Codable, Sendable {
      case anonymous, user, robot, workflow
    }

    let kind: Kind
    /// The account's row; the token is worth nothing once that is gone.
    var account: Int64?
    /// The row of the token that this one was made from.
    var token: Int64?
    /// What tells one password of the account from the next.
    var password: String?
    /// What a workflow's own token said.
    var workflow: Workflow?
  }

  struct Workflow: Codable, Hashable, Sendable {
    let rule: String
    let issuer: String
    let subject: String
    let summary: String
  }

  let iss: String
  let aud: String
  let sub: String
  let jti: String
  let iat: Int64
  let nbf: Int64
  let exp: Int64
  /// What is granted; nil where the token stands for everything that its holder may do.
  let access: [AccessGrant]?
  let holder: Holder

  /// The moments are for whoever knows the time; see `TokenSigner`.
  func verify(using algorithm: some JWTAlgorithm) {}
}
