import OCI
import TestSupport
import Testing

@testable import Access

/// The rules by which keys are kept and asked for again, without a network.
@Suite("The keys that are known of an issuer")
struct IssuerKeysTests {
  private static let start: Int64 = 1_790_000_000_000

  private static func at(_ seconds: Int64) -> Timestamp { Timestamp(milliseconds: start + seconds * 1000) }

  /// A key set that holds the key `a`.
  private static func keySet() async throws -> KeySet {
    try await KeySet(parsing: Array(#"{"keys":[\#(try IssuerKey.p256("a").jwk())]}"#.utf8))
  }

  private static func empty() throws -> IssuerKeys {
    IssuerKeys(of: try IssuerURL(parsing: "https://issuer.example.org"))
  }

  /// The key `a`, fetched at second 0.
  private static func fetched() async throws -> IssuerKeys {
    var keys = try empty()
    _ = keys.step(toward: nil, at: at(0))
    keys.didFetch(try await keySet(), at: at(0))
    return keys
  }

  private static func name(of step: IssuerKeys.Step) -> String {
    switch step {
    case .use: "use"
    case .fetch: "fetch"
    case .wait: "wait"
    case .refuse(let error): error.code.rawValue
    }
  }

  @Test("keys are fetched once, and all others wait for that")
  func singleFlight() async throws {
    var keys = try Self.empty()
    let steps = (0..<3).map { _ in Self.name(of: keys.step(toward: "a", at: Self.at(0))) }
    #expect(steps == ["fetch", "wait", "wait"])
    keys.didFetch(try await Self.keySet(), at: Self.at(1))
    #expect(Self.name(of: keys.outcome(for: "a", at: Self.at(1))) == "use")
    #expect(Self.name(of: keys.step(toward: "a", at: Self.at(2))) == "use")
  }

  @Test("keys are used for an hour and then fetched again", arguments: [(3599, "use"), (3600, "fetch"), (-1, "fetch")])
  func freshness(seconds: Int64, step: String) async throws {
    var keys = try await Self.fetched()
    #expect(Self.name(of: keys.step(toward: "a", at: Self.at(seconds))) == step)
  }

  @Test("an unknown key is looked for at once, and then once in thirty seconds")
  func unknownKeys() async throws {
    var keys = try await Self.fetched()
    #expect(Self.name(of: keys.step(toward: "b", at: Self.at(1))) == "fetch")
    #expect(Self.name(of: keys.step(toward: "c", at: Self.at(1))) == "wait")
    #expect(Self.name(of: keys.step(toward: "a", at: Self.at(1))) == "use")
    keys.didFetch(try await Self.keySet(), at: Self.at(2))
    #expect(Self.name(of: keys.outcome(for: "b", at: Self.at(2))) == "unknownKey")
    #expect(Self.name(of: keys.step(toward: "b", at: Self.at(30))) == "unknownKey")
    #expect(Self.name(of: keys.step(toward: "d", at: Self.at(30))) == "unknownKey")
    #expect(Self.name(of: keys.step(toward: "b", at: Self.at(31))) == "fetch")
  }

  @Test("while the issuer is down, keys are used for a day, and a fetch is tried every five seconds")
  func staleKeys() async throws {
    var keys = try await Self.fetched()
    #expect(Self.name(of: keys.step(toward: "a", at: Self.at(3600))) == "fetch")
    let notice = keys.didFail("it is down", at: Self.at(3600))
    #expect(
      notice == .usesEarlierKeys(issuer: "https://issuer.example.org", ageInSeconds: 3600, reason: "it is down"))
    #expect(Self.name(of: keys.outcome(for: "a", at: Self.at(3600))) == "use")
    #expect(Self.name(of: keys.step(toward: "a", at: Self.at(3604))) == "use")
    #expect(Self.name(of: keys.step(toward: "a", at: Self.at(3605))) == "fetch")
    _ = keys.didFail("it is down", at: Self.at(86_399))
    #expect(Self.name(of: keys.step(toward: "a", at: Self.at(86_399))) == "use")
    #expect(Self.name(of: keys.step(toward: "a", at: Self.at(86_400))) == "issuerUnavailable")
    #expect(Self.name(of: keys.step(toward: nil, at: Self.at(86_400))) == "issuerUnavailable")
  }

  @Test("without keys a fetch that failed is a clear refusal, never an open door")
  func noKeys() throws {
    var keys = try Self.empty()
    #expect(Self.name(of: keys.step(toward: "a", at: Self.at(0))) == "fetch")
    let notice = keys.didFail("it is down", at: Self.at(0))
    #expect(notice == .hasNoKeys(issuer: "https://issuer.example.org", reason: "it is down"))
    for step in [keys.outcome(for: "a", at: Self.at(0)), keys.step(toward: "a", at: Self.at(4))] {
      guard case .refuse(let error) = step else {
        Issue.record("it is not refused")
        continue
      }
      #expect(error.code == .issuerUnavailable)
      #expect(error.reason == "the keys of https://issuer.example.org cannot be had: it is down")
    }
    #expect(Self.name(of: keys.step(toward: "a", at: Self.at(5))) == "fetch")
  }

  @Test("an unknown key while the issuer is down could be a new one, so that another try may succeed")
  func unknownKeyOfUnavailableIssuer() async throws {
    var keys = try await Self.fetched()
    #expect(Self.name(of: keys.step(toward: "b", at: Self.at(1))) == "fetch")
    _ = keys.didFail("it is down", at: Self.at(1))
    #expect(Self.name(of: keys.outcome(for: "b", at: Self.at(1))) == "issuerUnavailable")
    #expect(Self.name(of: keys.step(toward: "b", at: Self.at(30))) == "issuerUnavailable")
    #expect(Self.name(of: keys.step(toward: "a", at: Self.at(30))) == "use")
    #expect(Self.name(of: keys.step(toward: "b", at: Self.at(31))) == "fetch")
  }
}
