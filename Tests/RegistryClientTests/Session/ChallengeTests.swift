import Testing

@testable import RegistryClient

@Suite("Challenges in WWW-Authenticate")
struct ChallengeTests {
  @Test(
    "several challenges stand in one header, with tokens, quoted strings and odd spaces",
    arguments: [
      ("Basic", [Challenge(scheme: "basic", parameters: [:])]),
      ("basic realm=\"a\"", [Challenge(scheme: "basic", parameters: ["realm": "a"])]),
      (
        "Bearer realm=\"https://auth.example.org/token\",service=\"registry.example.org\","
          + "scope=\"repository:a/b:pull,push\"",
        [
          Challenge(
            scheme: "bearer",
            parameters: [
              "realm": "https://auth.example.org/token", "service": "registry.example.org",
              "scope": "repository:a/b:pull,push",
            ])
        ]
      ),
      (
        "Basic realm=\"x\", Bearer realm=y , service=\"z\"",
        [
          Challenge(scheme: "basic", parameters: ["realm": "x"]),
          Challenge(scheme: "bearer", parameters: ["realm": "y", "service": "z"]),
        ]
      ),
      (
        "Negotiate, Basic realm=\"x\"",
        [Challenge(scheme: "negotiate", parameters: [:]), Challenge(scheme: "basic", parameters: ["realm": "x"])]
      ),
      (
        "Negotiate YII+/=, Basic",
        [Challenge(scheme: "negotiate", parameters: [:]), Challenge(scheme: "basic", parameters: [:])]
      ),
      ("Bearer Realm = \"a \\\"b\\\" , c\"", [Challenge(scheme: "bearer", parameters: ["realm": "a \"b\" , c"])]),
      ("", []), (" , ,", []),
    ])
  func read(_ header: String, _ challenges: [Challenge]) throws {
    #expect(try Challenge.parse(header) == challenges)
  }

  @Test(
    "what does not follow the grammar is an error",
    arguments: [
      "Bearer realm=\"open", "Bearer realm=\"a\" service=\"b\"", "Bearer realm=\"a\", realm=\"b\"", "=\"a\"",
      "Bearer realm=\"a\u{1}\"", "Bearer(x)", "Bearer realm=\"\\", "B\u{e9}arer x=y",
      String(repeating: "A ,", count: 40),
    ])
  func refused(_ header: String) {
    #expect(throws: InvalidChallenge.self) { try Challenge.parse(header) }
  }
}
