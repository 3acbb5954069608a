import Access
import Locks
import OCI
import TestSupport
import Testing

/// Discovery and key sets over a real connection.
@Suite("Fetching the keys of an issuer")
struct IssuerFetchTests {
  private static let key = TrustScenario.p256

  @Test("configuration and keys are fetched once for any number of tokens at the same time, and kept")
  func singleFlight() async throws {
    try await TrustScenario.run { scenario in
      let token = try Self.key.token(scenario.claims())
      scenario.issuer.hold()
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<50 { group.addTask { _ = try await scenario.verify(token) } }
        try await eventually { scenario.issuer.fetches(of: TestIssuer.configurationPath) > 0 }
        scenario.issuer.release()
        try await group.waitForAll()
      }
      scenario.clock.advance(seconds: 200)
      _ = try await scenario.verify(token)
      #expect(scenario.issuer.fetches(of: TestIssuer.configurationPath) == 1)
      #expect(scenario.issuer.keySetFetches == 1)
    }
  }

  @Test("those who wait keep their fetch when the first of them goes away")
  func cancelledFirst() async throws {
    try await TrustScenario.run { scenario in
      let token = try Self.key.token(scenario.claims())
      scenario.issuer.hold()
      let first = Task { await scenario.refusal(of: token) }
      try await eventually { scenario.issuer.fetches(of: TestIssuer.configurationPath) > 0 }
      let second = Task { await scenario.refusal(of: token) }
      first.cancel()
      scenario.issuer.release()
      #expect(await second.value == nil)
      _ = await first.value
      #expect(scenario.issuer.keySetFetches == 1)
    }
  }

  @Test("new keys are found when a token names one, and old ones are forgotten")
  func rotation() async throws {
    try await TrustScenario.run { scenario in
      _ = try await scenario.identity(of: scenario.claims())
      let next = IssuerKey.p256("p256-2")
      scenario.issuer.publish([next])
      _ = try await scenario.verify(try next.token(scenario.claims()))
      #expect(scenario.issuer.keySetFetches == 2)
      #expect(await scenario.refusal(of: try Self.key.token(scenario.claims()))?.code == .unknownKey)
    }
  }

  @Test("a flood of unknown keys is one fetch in thirty seconds")
  func flood() async throws {
    try await TrustScenario.run { scenario in
      _ = try await scenario.identity(of: scenario.claims())
      for round in 1...2 {
        for number in 0..<20 {
          let token = try Self.key.renamed("unknown-\(number)").token(scenario.claims())
          #expect(await scenario.refusal(of: token)?.code == .unknownKey)
        }
        #expect(scenario.issuer.keySetFetches == 1 + round)
        scenario.clock.advance(seconds: 30)
      }
    }
  }

  @Test("an issuer that is down is a clear error; keys of the last day go on being used, and the operator hears it")
  func down() async throws {
    try await TrustScenario.run { scenario in
      scenario.issuer.goDown()
      let refusal = await scenario.refusal(of: try Self.key.token(scenario.claims()))
      #expect(refusal?.code == .issuerUnavailable)
      #expect(refusal?.reason.hasPrefix("the keys of \(scenario.issuer.url) cannot be had: ") == true)
      guard case .hasNoKeys(scenario.issuer.url, _)? = scenario.notices.withLock({ $0.last }) else {
        Issue.record("the operator heard nothing")
        return
      }

      scenario.issuer.comeBack()
      scenario.clock.advance(seconds: 5)
      _ = try await scenario.identity(of: scenario.claims())

      scenario.issuer.goDown()
      scenario.clock.advance(seconds: 3600)
      _ = try await scenario.identity(of: scenario.claims())
      guard case .usesEarlierKeys(scenario.issuer.url, 3600, _)? = scenario.notices.withLock({ $0.last }) else {
        Issue.record("the operator heard nothing")
        return
      }
      let attacker = try TrustScenario.attackerP256.token(scenario.claims())
      #expect(await scenario.refusal(of: attacker)?.code == .invalidSignature)

      scenario.clock.advance(seconds: 82_800)
      let late = try Self.key.token(scenario.claims())
      #expect(await scenario.refusal(of: late)?.code == .issuerUnavailable)
      scenario.issuer.comeBack()
      scenario.clock.advance(seconds: 5)
      #expect(await scenario.refusal(of: late) == nil)
    }
  }

  /// What an issuer must not answer, and what the operator reads then.
  static let wrongAnswers: [(path: String, answer: TestIssuer.Answer, reason: String)] = [
    (TestIssuer.configurationPath, .init(status: 404), "the answer is 404, and 200 with a document was asked for"),
    (TestIssuer.configurationPath, .init(status: 503, body: "{}"), "the answer is 503"),
    (
      TestIssuer.configurationPath,
      .init(status: 302, fields: [("Location", "http://127.0.0.1:1/")]), "the answer is 302"
    ),
    (TestIssuer.configurationPath, .init(body: "<html>"), "it is not JSON that can be trusted"),
    (
      TestIssuer.configurationPath, .init(body: #"{"issuer":"https://evil.example.org","jwks_uri":"https://x.org/k"}"#),
      "its 'issuer' is not http://127.0.0.1:"
    ),
    (TestIssuer.configurationPath, .init(body: #"{"jwks_uri":"https://x.org/k"}"#), "its 'issuer' is not"),
    (TestIssuer.keySetPath, .init(status: 500), "the answer is 500"),
    (TestIssuer.keySetPath, .init(status: 307, fields: [("Location", "/other")]), "the answer is 307"),
    (TestIssuer.keySetPath, .init(body: ""), "200 with a document was asked for"),
    (TestIssuer.keySetPath, .init(body: #"{"keys":[]}"#), "it has no key that can verify: the array 'keys' is empty"),
    (TestIssuer.keySetPath, .init(body: #"{"keys":{}}"#), "it has no array 'keys'"),
    (TestIssuer.keySetPath, .init(body: #"{"keys":[],"keys":[]}"#), "stands twice"),
    (
      TestIssuer.keySetPath, .init(body: #"{"keys":[{"kty":"oct","k":"c2VjcmV0","kid":"p256-1"}]}"#),
      #"a key is of the type "oct""#
    ),
    (
      TestIssuer.keySetPath, .init(body: #"{"keys":[{"kty":"RSA","n":"AQAB","e":"AQAB","kid":"p256-1"}]}"#),
      "a key for RS256 is not a sound one"
    ),
    (
      TestIssuer.keySetPath, .init(body: #"{"keys":[\#(Array(repeating: "1", count: 101).joined(separator: ","))]}"#),
      "it has more than 100 keys"
    ),
    (
      TestIssuer.keySetPath, .init(body: #"{"x":"\#(String(repeating: "x", count: 1 << 20))"}"#),
      "the document is longer than 1048576 bytes"
    ),
  ]

  @Test("a wrong answer is an issuer that is unavailable, and says what was wrong", arguments: wrongAnswers.indices)
  func wrongAnswer(index: Int) async throws {
    let row = Self.wrongAnswers[index]
    try await TrustScenario.run { scenario in
      scenario.issuer.answer(row.path, with: row.answer)
      let refusal = await scenario.refusal(of: try Self.key.token(scenario.claims()))
      #expect(refusal?.code == .issuerUnavailable)
      #expect(refusal?.reason.contains(row.reason) == true, "\(refusal?.reason ?? "it was let in")")
      #expect(refusal?.message.contains(row.reason) == false)
    }
  }

  @Test(
    "a key set's address that is not https, or of this machine for an issuer there, is not asked",
    arguments: [
      "http://issuer.example.org/jwks", "ftp://127.0.0.1/jwks", "//127.0.0.1/jwks", "https://user@127.0.0.1/jwks",
      "https:///jwks", "file:///etc/passwd",
    ])
  func keySetAddress(address: String) async throws {
    try await TrustScenario.run { scenario in
      let body = #"{"issuer":\#(JSONText.string(scenario.issuer.url)),"jwks_uri":\#(JSONText.string(address))}"#
      scenario.issuer.answer(TestIssuer.configurationPath, with: .init(body: body))
      let refusal = await scenario.refusal(of: try Self.key.token(scenario.claims()))
      #expect(refusal?.code == .issuerUnavailable)
      #expect(refusal?.reason.contains("its 'jwks_uri' \(quotedText(address)) cannot be used") == true)
    }
  }

  private func quotedText(_ text: String) -> String { "\"\(text)\"" }

  @Test("where the trust file says where the keys are, the issuer's configuration is not asked")
  func explicitKeySet() async throws {
    try await TrustScenario.run { scenario in
      let policy = try TrustPolicy(
        yaml: Array(
          """
          - name: direct
            issuer: \(scenario.issuer.url)
            audience: registry.example.org
            conditions: {sub: "**"}
            grants: [{repositories: "**", scopes: "read:packages"}]
            jwks: \(scenario.issuer.url)\(TestIssuer.keySetPath)
          """.utf8))
      let identity = try await scenario.verifier.verify(try Self.key.token(scenario.claims()), policy: policy)
      #expect(identity.rule.name == "direct")
      #expect(scenario.issuer.fetches(of: TestIssuer.configurationPath) == 0)
      #expect(scenario.issuer.keySetFetches == 1)
    }
  }
}

/// Waits until something is so.
private func eventually(_ condition: () -> Bool) async throws {
  while !condition() {
    try Task.checkCancellation()
    await shortPause()
  }
}
