internal import OCI

/// What a token says (RFC 7519, section 4.1), with the claims that every token needs in the form that they must have.
struct TokenClaims: Sendable {
  /// How far an issuer's clock and this one may be apart, in seconds.
  static let leeway: Int64 = 60
  /// For how long a token may be valid, in seconds: a workflow's lives for minutes.
  static let maximumLifetime: Int64 = 24 * 60 * 60

  let issuer: String
  let subject: String
  let audiences: [String]
  /// Seconds since 1970, as the other two.
  let expires: Int64
  let notBefore: Int64?
  let issued: Int64?
  private let members: [String: JSONValue]

  init(_ members: [String: JSONValue]) throws(OIDCError) {
    self.members = members
    issuer = try Self.text("iss", in: members)
    subject = try Self.text("sub", in: members)
    audiences = try Self.audiences(in: members)
    guard let expires = try Self.time("exp", in: members) else {
      throw OIDCError(.invalidClaim, "the token has no 'exp', so that it would never expire")
    }
    self.expires = expires
    notBefore = try Self.time("nbf", in: members)
    issued = try Self.time("iat", in: members)
  }

  subscript(claim: String) -> JSONValue? { members[claim] }

  /// Whether the token is valid at a moment, give or take the leeway.
  func checkLifetime(at now: Timestamp) throws(OIDCError) {
    let seconds = now.milliseconds / 1000
    guard seconds < expires + Self.leeway else {
      throw OIDCError(.expired, "the token expired \(seconds - expires) s ago")
    }
    for (name, begin) in [("nbf", notBefore), ("iat", issued)] {
      guard let begin, begin > seconds + Self.leeway else { continue }
      throw OIDCError(.notYetValid, "the token's '\(name)' is \(begin - seconds) s in the future; is a clock wrong?")
    }
    let lifetime = expires - (issued ?? notBefore ?? seconds)
    guard lifetime <= Self.maximumLifetime else {
      throw OIDCError(
        .lifetimeTooLong, "the token is valid for \(lifetime) s, and \(Self.maximumLifetime) s are the limit")
    }
  }

  private static func text(_ name: String, in members: [String: JSONValue]) throws(OIDCError) -> String {
    guard case .string(let text)? = members[name], !text.isEmpty else {
      throw OIDCError(.invalidClaim, "the token's '\(name)' is missing, empty or not a string")
    }
    return text
  }

  private static func audiences(in members: [String: JSONValue]) throws(OIDCError) -> [String] {
    switch members["aud"] {
    case .string(let audience): return [audience]
    case .array(let elements):
      var audiences: [String] = []
      for element in elements {
        guard case .string(let audience) = element else {
          throw OIDCError(.invalidClaim, "the token's 'aud' holds \(element.kind), not only strings")
        }
        audiences.append(audience)
      }
      return audiences
    default: throw OIDCError(.invalidClaim, "the token's 'aud' is neither a string nor an array of strings")
    }
  }

  /// Beyond the year 9999 no difference of two times could be trusted not to overflow.
  private static let times: ClosedRange<Int64> = 0...253_402_300_799

  private static func time(_ name: String, in members: [String: JSONValue]) throws(OIDCError) -> Int64? {
    guard let value = members[name] else { return nil }
    guard case .integer(let seconds) = value, times.contains(seconds) else {
      throw OIDCError(.invalidClaim, "the token's '\(name)' is not a time in whole seconds since 1970")
    }
    return seconds
  }
}
