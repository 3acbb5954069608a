public import Catalog
public import OCI

/// Which workflows are let in without a secret: the rules of a trust file, in their order.
public struct TrustPolicy: Hashable, Sendable {
  /// The rules, the first of which that holds decides.
  public let rules: [TrustRule]

  init(rules: [TrustRule]) {
    self.rules = rules
  }

  /// The rule of a name, if there is one.
  func rule(named name: String) -> TrustRule? {
    rules.first { $0.name == name }
  }

  /// The rules that trust an issuer, compared byte by byte.
  func rules(trusting issuer: String) -> [TrustRule] {
    rules.filter { $0.issuer.utf8.elementsEqual(issuer.utf8) }
  }

  /// The first rule of the token's issuer whose audience and conditions hold.
  func rule(for claims: TokenClaims) throws(OIDCError) -> TrustRule {
    var faults: [String] = []
    for rule in rules(trusting: claims.issuer) where rule.isMeant(by: claims.audiences) {
      guard let fault = rule.fault(in: claims) else { return rule }
      faults.append("rule \(rule.name): \(fault)")
    }
    guard !faults.isEmpty else {
      let audiences = claims.audiences.prefix(3).map { quoted($0) }.joined(separator: ", ")
      throw OIDCError(
        .wrongAudience,
        "the token's 'aud' is \(audiences.isEmpty ? "empty" : audiences), which no rule of its issuer names")
    }
    throw OIDCError(.conditionsNotMet, faults.joined(separator: "; "))
  }
}

/// One rule of a trust file: which of an issuer's tokens are let in, and what they may do.
public struct TrustRule: Hashable, Sendable {
  /// The rule's name, which no other rule has.
  public let name: String
  /// The token's `iss`.
  public let issuer: String
  /// What the token's `aud` must hold one of.
  public let audiences: [String]
  /// What must be so, all of it.
  public let conditions: [ClaimCondition]
  /// What it may do.
  public let grants: [TrustGrant]
  /// Where the issuer's keys come from.
  let keySource: KeySource

  /// Whether one of a token's audiences is one of the rule's, byte by byte.
  fileprivate func isMeant(by tokens: [String]) -> Bool {
    tokens.contains { token in audiences.contains { $0.utf8.elementsEqual(token.utf8) } }
  }

  /// The first condition that does not hold; nil where all do.
  fileprivate func fault(in claims: TokenClaims) -> String? {
    for condition in conditions {
      if let fault = condition.fault(in: claims[condition.claim]) { return fault }
    }
    return nil
  }
}

/// What a rule lets workflows do in repositories.
public struct TrustGrant: Hashable, Sendable {
  /// Patterns of the repositories' names.
  public let repositories: [Glob]
  /// What may be done there; never `admin`.
  public let scopes: Set<TokenScope>
}

/// Where an issuer's keys come from.
struct KeySource: Hashable, Sendable {
  let issuer: IssuerURL
  /// The key set (RFC 7517, section 5); nil where the issuer's configuration says where it is.
  let keySet: IssuerURL?
  /// A PEM file of the only roots to trust; nil stands for the system's.
  let trustRoots: String?
}
