import Access
import Catalog
import OCI
import TestSupport
import Testing

@Suite("OIDC tokens that are let in")
struct AcceptedTokenTests {
  @Test(
    "a token signed by any algorithm of the issuer's key pairs is let in",
    arguments: ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"])
  func algorithms(algorithm: String) async throws {
    try await TrustScenario.run { scenario in
      let key =
        switch algorithm {
        case "ES256": TrustScenario.p256
        case "ES384": TrustScenario.p384
        case "ES512": TrustScenario.p521
        case "EdDSA": TrustScenario.ed25519
        default: try TrustScenario.rsa.get()
        }
      let identity = try await scenario.verify(try key.token(scenario.claims(), by: algorithm))
      #expect(identity.rule.name == "api-release")
    }
  }

  @Test("one algorithm's tokens do not decide how the next ones of the same key are verified")
  func algorithmsInTurn() async throws {
    try await TrustScenario.run { scenario in
      let key = try TrustScenario.rsa.get()
      for algorithm in ["PS256", "RS256", "RS512", "PS384", "RS256"] {
        _ = try await scenario.verify(try key.token(scenario.claims(), by: algorithm))
      }
    }
  }

  @Test("the identity says who it is, by which rule, what that grants and until when")
  func identity() async throws {
    try await TrustScenario.run { scenario in
      let identity = try await scenario.verify(try TrustScenario.p256.token(scenario.claims()))
      #expect(identity.issuer == scenario.issuer.url)
      #expect(identity.subject == "repo:team/api:environment:production")
      #expect(identity.summary == "team/api@refs/heads/main environment production run 123 (api-release)")
      #expect(identity.expiresAt == Timestamp(milliseconds: (scenario.seconds + 300) * 1000))
      #expect(identity.rule.grants.map { $0.repositories.map(\.pattern) } == [["team/api", "team/api/**"]])
      #expect(identity.rule.grants.map(\.scopes) == [[.readPackages, .writePackages]])
    }
  }

  @Test("a service account of Kubernetes and a job of GitLab are named by what their tokens say")
  func otherIssuers() async throws {
    try await TrustScenario.run { scenario in
      let now = scenario.seconds
      let cluster = [
        "iss": JSONText.string(scenario.other.url), "aud": #"["registry.example.org"]"#, "iat": "\(now)",
        "exp": "\(now + 3600)", "sub": #""system:serviceaccount:builds:pusher""#,
      ]
      let token = try TrustScenario.otherKey.token(cluster, header: ["typ": nil])
      let account = try await scenario.verify(token)
      #expect(account.summary == "system:serviceaccount:builds:pusher (cluster)")

      var job = scenario.claims(["repository": nil, "run_id": nil])
      job["aud"] = #""registry.example.org""#
      job["iss"] = JSONText.string(scenario.other.url)
      job["sub"] = #""system:serviceaccount:builds:gitlab""#
      job["project_path"] = #""team/web""#
      job["ref"] = #""main""#
      job["pipeline_id"] = "77"
      job["job_id"] = #""9""#
      let identity = try await scenario.verify(try TrustScenario.otherKey.token(job))
      #expect(identity.summary == "team/web@main environment production pipeline 77 job 9 (cluster)")
    }
  }

  @Test("a summary holds nothing but short printable words, whatever the claims hold")
  func summary() async throws {
    try await TrustScenario.run { scenario in
      let ref = "x run 7 (admin)\n\u{1b}[2J\u{202e}ü" + String(repeating: "y", count: 5000)
      let claims = [
        "iss": JSONText.string(scenario.other.url), "aud": #""registry.example.org""#,
        "exp": "\(scenario.seconds + 60)", "sub": #""system:serviceaccount:builds:a""#,
        "repository": #""team/api""#, "ref": JSONText.string(ref),
      ]
      let summary = try await scenario.verify(try TrustScenario.otherKey.token(claims)).summary
      #expect(summary.hasPrefix("team/api@x_run_7_(admin)__[2J__yyy"))
      #expect(summary.hasSuffix("y... (cluster)"))
      #expect(summary.utf8.count < 200 && summary.utf8.allSatisfy { (0x20...0x7e).contains($0) })
    }
  }

  @Test("the first rule whose audience and conditions hold decides")
  func firstRule() async throws {
    try await TrustScenario.run { scenario in
      let both = scenario.claims(["aud": #"["test.example.org", "registry.example.org"]"#, "protected": "true"])
      let first = try await scenario.identity(of: both)
      #expect(first.rule.name == "api-release")
      let second = try await scenario.identity(of: both.merging(["ref": #""refs/heads/x""#]) { $1 })
      #expect(second.rule.name == "api-test")
    }
  }

  @Test(
    "claims that are strings, numbers, booleans and arrays of strings fit patterns",
    arguments: [
      ["protected": #""true""#, "run_attempt": #""1""#], ["protected": "true", "run_attempt": "1"],
      ["protected": #"["false", "true"]"#], ["repository": #""team/web""#],
      ["repository": #"["other/x", "team/y"]"#],
    ])
  func claimTypes(changes: [String: String]) async throws {
    try await TrustScenario.run { scenario in
      var claims = scenario.claims(["aud": #""test.example.org""#, "protected": "true"])
      claims.merge(changes) { $1 }
      let identity = try await scenario.identity(of: claims)
      #expect(identity.rule.name == "api-test")
    }
  }

  @Test("clocks may be a minute apart")
  func leeway() async throws {
    try await TrustScenario.run { scenario in
      let now = scenario.seconds
      for changes in [
        ["exp": "\(now - 59)", "iat": "\(now - 360)", "nbf": nil], ["iat": "\(now + 60)", "nbf": "\(now + 60)"],
        ["iat": nil, "nbf": nil], ["exp": "\(now + 86_400)"],
      ] as [[String: String?]] {
        _ = try await scenario.verify(try TrustScenario.p256.token(scenario.claims(changes)))
      }
    }
  }

  @Test(
    "typ may be missing, JWT or at+jwt, and headers that point to keys are not followed",
    arguments: [
      ["typ": nil], ["typ": #""jwt""#], ["typ": #""at+jwt""#], ["jku": #""http://127.0.0.1:1/jwks""#],
      ["x5u": #""http://127.0.0.1:1/x""#], ["x5t": #""abc""#],
    ] as [[String: String?]])
  func headers(header: [String: String?]) async throws {
    try await TrustScenario.run { scenario in
      _ = try await scenario.verify(try TrustScenario.p256.token(scenario.claims(), header: header))
    }
  }

  @Test("a token without a key identifier is let in by an issuer's only key")
  func onlyKey() async throws {
    try await TrustScenario.run { scenario in
      let key = try TrustScenario.rsa.get()
      scenario.issuer.publish([key])
      _ = try await scenario.verify(try key.token(scenario.claims(), header: ["kid": nil]))
    }
  }

  @Test("keys for encryption, shared keys and keys of unknown kinds are passed over")
  func foreignKeys() async throws {
    try await TrustScenario.run { scenario in
      let key = TrustScenario.p256
      let keys = [
        try key.renamed("enc").jwk(["use": #""enc""#]), #"{"kty":"oct","k":"c2VjcmV0","kid":"p256-1"}"#,
        #"{"kty":"future","kid":"p256-1"}"#, "7", try key.renamed("sign").jwk(["key_ops": #"["sign"]"#]),
        try key.renamed("off").jwk(["x": #""AAAA""#]), try key.jwk(["alg": #""ES256""#, "key_ops": #"["verify"]"#]),
      ]
      scenario.issuer.answer(TestIssuer.keySetPath, with: .init(body: #"{"keys":\#(JSONText.array(keys))}"#))
      _ = try await scenario.verify(try key.token(scenario.claims()))
      for unusable in ["enc", "sign", "off"] {
        let refusal = await scenario.refusal(of: try key.renamed(unusable).token(scenario.claims()))
        #expect(refusal?.code == .unknownKey)
      }
    }
  }
}
