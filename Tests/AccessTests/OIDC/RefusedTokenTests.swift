import Access
import OCI
import TestSupport
import Testing

@Suite("OIDC tokens that are refused")
struct RefusedTokenTests {
  @Test("a wrong token is refused for its own fault", arguments: RefusedToken.all)
  func refused(row: RefusedToken) async throws {
    try await TrustScenario.run { scenario in
      let token = try row.make(scenario)
      #expect(await scenario.refusal(of: token)?.code == row.code)
      // The same scenario lets right tokens in.
      let right = try TrustScenario.p256.token(scenario.claims())
      #expect(await scenario.refusal(of: right) == nil)
    }
  }

  @Test("the table has many rows, and each its own name")
  func table() {
    #expect(RefusedToken.all.count >= 40)
    #expect(Set(RefusedToken.all.map(\.name)).count == RefusedToken.all.count)
  }

  @Test("the client is not told what the operator is, and neither is told the token")
  func messages() async throws {
    try await TrustScenario.run { scenario in
      let token = try TrustScenario.p256.token(scenario.claims(["ref": #""refs/heads/evil""#]))
      let refusal = await scenario.refusal(of: token)
      #expect(
        refusal?.reason
          == #"rule api-release: the claim "ref" is "refs/heads/evil", not "refs/heads/main" or "refs/tags/v*""#)
      for refused in [refusal, await scenario.refusal(of: token + "=")] {
        let error = try #require(refused)
        for secret in ["api-release", "refs/heads", "environment"] { #expect(!error.message.contains(secret)) }
        #expect(!error.reason.contains(token.suffix(20)) && !error.message.contains(token.suffix(20)))
      }
    }
  }

  @Test("a reason is printable and bounded, whatever the token says")
  func reasons() async throws {
    try await TrustScenario.run { scenario in
      let ref = JSONText.string("\u{1b}[31m\n" + String(repeating: "x", count: 9000))
      let refusal = await scenario.refusal(of: try TrustScenario.p256.token(scenario.claims(["ref": ref])))
      let reason = try #require(refusal).reason
      #expect(reason.utf8.count < 500 && reason.utf8.allSatisfy { $0 >= 0x20 })
    }
  }

  @Test("an unknown issuer, an expired token and a malformed one cause no fetch, and no header does")
  func noFetch() async throws {
    try await TrustScenario.run { scenario in
      let address = JSONText.string(scenario.other.url + TestIssuer.keySetPath)
      let wrong = [
        try TrustScenario.p256.token(scenario.claims(["iss": JSONText.string(scenario.issuer.url + "/")])),
        try TrustScenario.p256.token(scenario.claims(["exp": "\(scenario.seconds - 61)"])),
        try TrustScenario.p256.token(scenario.claims(), header: ["alg": #""none""#]), "a.b.c",
      ]
      for token in wrong { #expect(await scenario.refusal(of: token) != nil) }
      #expect(scenario.issuer.fetches(of: TestIssuer.configurationPath) == 0)
      #expect(scenario.issuer.keySetFetches == 0)

      let pointing = try TrustScenario.otherKey.token(scenario.claims(), header: ["jku": address, "x5u": address])
      #expect(await scenario.refusal(of: pointing)?.code == .unknownKey)
      #expect(scenario.other.keySetFetches == 0)
    }
  }
}
