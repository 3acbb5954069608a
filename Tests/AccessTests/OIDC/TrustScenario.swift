import Access
import Locks
import OCI
import TestSupport
import Testing

/// A verifier with a clock that stands still, and two issuers that it trusts by a rule each.
struct TrustScenario: Sendable {
  /// Keys of the first issuer, one of each kind; made once, because RSA keys take time.
  static let rsa = Result { try IssuerKey.rsa("rsa-1") }
  static let p256 = IssuerKey.p256("p256-1")
  static let p384 = IssuerKey.p384("p384-1")
  static let p521 = IssuerKey.p521("p521-1")
  static let ed25519 = IssuerKey.ed25519("ed25519-1")
  /// The second issuer's only key.
  static let otherKey = IssuerKey.p256("other-1")
  /// A key that no issuer publishes.
  static let attacker = Result { try IssuerKey.rsa("rsa-1") }
  static let attackerP256 = IssuerKey.p256("p256-1")

  let issuer: TestIssuer
  let other: TestIssuer
  let verifier: OIDCVerifier
  let policy: TrustPolicy
  let clock: TestClock
  let notices: Locked<[OIDCNotice]>

  static func run(_ body: (TrustScenario) async throws -> Void) async throws {
    let keys = [try rsa.get(), p256, p384, p521, ed25519]
    try await TestIssuer.run(keys: keys) { issuer in
      try await TestIssuer.run(keys: [otherKey]) { other in
        let clock = TestClock()
        let notices = Locked<[OIDCNotice]>([])
        let verifier = OIDCVerifier(now: { clock.now }, report: { notice in notices.withLock { $0.append(notice) } })
        let policy = try TrustPolicy(yaml: Array(trustFile(issuer: issuer.url, other: other.url).utf8))
        let scenario = TrustScenario(
          issuer: issuer, other: other, verifier: verifier, policy: policy, clock: clock, notices: notices)
        do {
          try await body(scenario)
        } catch {
          try await verifier.shutdown()
          throw error
        }
        try await verifier.shutdown()
      }
    }
  }

  private static func trustFile(issuer: String, other: String) -> String {
    """
    - name: api-release
      issuer: \(issuer)
      audience: [registry.example.org, https://registry.example.org]
      conditions:
        repository: team/api
        ref: [refs/heads/main, refs/tags/v*]
        environment: production
      grants:
        - repositories: [team/api, team/api/**]
          scopes: [read:packages, write:packages]
    - name: api-test
      issuer: \(issuer)
      audience: test.example.org
      conditions:
        repository: team/*
        run_attempt: 1
        protected: true
      grants:
        - repositories: team/test
          scopes: read:packages
    - name: cluster
      issuer: \(other)
      audience: registry.example.org
      conditions: {sub: "system:serviceaccount:builds:*"}
      grants:
        - {repositories: "builds/**", scopes: [read:packages, write:packages, delete:packages]}
    """
  }

  /// The claims of a workflow that `api-release` lets in, with claims added, replaced or, where they are nil, left out.
  func claims(_ changes: [String: String?] = [:]) -> [String: String] {
    var claims = issuer.workflowClaims(at: clock.now)
    for (name, value) in changes { claims[name] = value }
    return claims
  }

  /// Seconds since 1970.
  var seconds: Int64 { clock.now.milliseconds / 1000 }

  func verify(_ token: String) async throws(OIDCError) -> WorkflowIdentity {
    try await verifier.verify(token, policy: policy)
  }

  /// The identity of a token of these claims, signed by a key of the first issuer's.
  func identity(of claims: [String: String]) async throws -> WorkflowIdentity {
    try await verify(try Self.p256.token(claims))
  }

  /// Why a token is refused; nil for one that is let in.
  func refusal(of token: String) async -> OIDCError? {
    do {
      _ = try await verify(token)
      return nil
    } catch {
      return error
    }
  }
}

/// A clock that a test moves.
final class TestClock: Sendable {
  private let moment = Locked(Timestamp(milliseconds: 1_790_000_000_000))

  var now: Timestamp { moment.withLock { $0 } }

  func advance(seconds: Int64) {
    moment.withLock { $0 = Timestamp(milliseconds: $0.milliseconds + seconds * 1000) }
  }
}
