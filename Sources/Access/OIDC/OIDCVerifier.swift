public import OCI

/// Tells which workflow a token of an OIDC issuer stands for (OpenID Connect Core, section 3.1.3.7; RFC 8725).
public struct OIDCVerifier: Sendable {
  private let directory: IssuerDirectory
  private let now: @Sendable () -> Timestamp

  /// Makes one that has no keys yet.
  ///
  /// - Parameters:
  ///   - now: the clock.
  ///   - report: takes what the operator should hear, and must not block.
  public init(
    now: @escaping @Sendable () -> Timestamp = { .now }, report: @escaping @Sendable (OIDCNotice) -> Void
  ) {
    directory = IssuerDirectory(now: now, report: report)
    self.now = now
  }

  /// Ends its connections; to be called once, when no token is being verified any more.
  public func shutdown() async throws {
    try await directory.shutdown()
  }

  /// Finds the workflow that a token stands for, and the rule that lets it in.
  ///
  /// Nothing is fetched for a token of an issuer that no rule trusts, or for one that has expired.
  ///
  /// - Throws: `OIDCError`; one with the code `issuerUnavailable` where another try may succeed.
  public func verify(_ text: String, policy: TrustPolicy) async throws(OIDCError) -> WorkflowIdentity {
    let token = try CompactToken(parsing: text)
    guard let source = policy.rules(trusting: token.claims.issuer).first?.keySource else {
      throw OIDCError(.unknownIssuer, "no rule trusts the issuer \(quoted(token.claims.issuer))")
    }
    try token.claims.checkLifetime(at: now())
    let keys = try await directory.keys(of: source, naming: token.keyIdentifier)
    try keys.verify(token)
    return WorkflowIdentity(rule: try policy.rule(for: token.claims), claims: token.claims)
  }
}
