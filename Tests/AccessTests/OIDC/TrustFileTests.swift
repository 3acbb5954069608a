import Access
import Catalog
import OCI
import Testing
import YAMLFiles

@Suite("The file that says whom to trust")
struct TrustFileTests {
  private static let right = """
    - name: github-api
      issuer: https://token.actions.githubusercontent.com
      audience: registry.example.org
      conditions:
        repository: team/api
        ref: [refs/heads/main, refs/tags/v*]
        environment: production
      grants:
        - repositories: [team/api, team/api/**]
          scopes: [read:packages, write:packages]
    - name: cluster-1
      issuer: https://kubernetes.default.svc:6443/
      audience: [registry.example.org, https://registry.example.org]
      conditions: {sub: "**"}
      grants:
        - repositories: builds/*
          scopes: delete:packages
      jwks: https://10.0.0.1/openid/v1/jwks?x=1
      ca: /etc/ssl/private-ca.pem
    """

  @Test("rules are read with all that they say")
  func reads() throws {
    let rules = try TrustPolicy(yaml: Array(Self.right.utf8)).rules
    #expect(rules.map(\.name) == ["github-api", "cluster-1"])
    #expect(
      rules.map(\.issuer) == ["https://token.actions.githubusercontent.com", "https://kubernetes.default.svc:6443/"])
    #expect(
      rules.map(\.audiences) == [
        ["registry.example.org"], ["registry.example.org", "https://registry.example.org"],
      ])
    #expect(rules[0].conditions.map(\.claim) == ["repository", "ref", "environment"])
    #expect(rules[0].conditions[1].patterns.map(\.pattern) == ["refs/heads/main", "refs/tags/v*"])
    #expect(rules[0].grants.map { $0.repositories.map(\.pattern) } == [["team/api", "team/api/**"]])
    #expect(rules[0].grants.map(\.scopes) == [[.readPackages, .writePackages]])
    #expect(rules[1].conditions.map { $0.patterns.map(\.pattern) } == [["**"]])
    #expect(rules[1].grants.map(\.scopes) == [[.deletePackages]])
  }

  @Test(
    "plain http is for issuers of this machine",
    arguments: [
      "http://127.0.0.1:8080", "http://localhost", "http://[::1]:9/x", "https://[2001:db8::1]:8443/a_b/~c",
      "https://gitlab.example.org", "https://a",
    ])
  func issuers(issuer: String) throws {
    let file = Self.right.replacing("https://token.actions.githubusercontent.com", with: issuer)
    #expect(try TrustPolicy(yaml: Array(file.utf8)).rules[0].issuer == issuer)
  }

  /// A change to one line of the right file, and what is said of it.
  struct WrongFile: Sendable, CustomTestStringConvertible {
    let old: String
    let new: String
    let line: Int?
    let message: String

    init(_ old: String, _ new: String, _ line: Int?, _ message: String) {
      self.old = old
      self.new = new
      self.line = line
      self.message = message
    }

    var testDescription: String { new.isEmpty ? "without \(old)" : new }
  }

  static let wrongFiles: [WrongFile] = [
    .init("- name: github-api", "- name: GitHub", 1, #""GitHub" is not a rule's name: that is 1 to 64 of a-z, 0-9"#),
    .init("- name: github-api", "- name: ''", 1, "here should be a text, and there is none"),
    .init("- name: github-api", "- name: a b", 1, "is not a rule's name"),
    .init("- name: github-api", "- name: \(String(repeating: "a", count: 65))", 1, "is not a rule's name"),
    .init("- name: github-api", "- nmae: github-api", 1, #""nmae" is not known here; known are name, issuer"#),
    .init("- name: github-api", "- name: cluster-1", 11, "there is a rule called cluster-1 already"),
    .init("  audience: registry.example.org\n", "", 1, "'audience' is missing here"),
    .init("  audience: registry.example.org\n", "  audience:\n", 3, "here should be a text, and there is none"),
    .init("  audience: registry.example.org\n", "  audience: []\n", 3, "the list is empty"),
    .init("  audience: registry.example.org\n", "  audience: {a: b}\n", 3, "here should be one text"),
    .init("  audience: registry.example.org\n", "  audience: null\n", 3, "here should be a text"),
    .init("  audience: registry.example.org\n", "  audience: [[a]]\n", 3, "here should be one text"),
    .init("  audience: registry.example.org\n", "  audience: a\n  audience: b\n", 3, #""audience" stands twice"#),
    .init("https://token.actions.githubusercontent.com", "token.example.org", 2, "it does not begin with https://"),
    .init(
      "https://token.actions.githubusercontent.com", "HTTPS://token.example.org", 2, "does not begin with https://"),
    .init(
      "https://token.actions.githubusercontent.com", "http://issuer.example.org", 2, "only an issuer on this machine"),
    .init(
      "https://token.actions.githubusercontent.com", "http://127.0.0.1.nip.io", 2, "only an issuer on this machine"),
    .init("https://token.actions.githubusercontent.com", "http://127.0.0.1@x.org", 2, "there should be a host"),
    .init("https://token.actions.githubusercontent.com", "https://", 2, "there should be a host"),
    .init("https://token.actions.githubusercontent.com", "https://a:b@x.org", 2, "there should be a host"),
    .init("https://token.actions.githubusercontent.com", "https://x.org:99999", 2, "there should be a host"),
    .init("https://token.actions.githubusercontent.com", "'https://x.org:'", 2, "there should be a host"),
    .init("https://token.actions.githubusercontent.com", "https://x.org:+1", 2, "there should be a host"),
    .init("https://token.actions.githubusercontent.com", "https://[::1", 2, "there should be a host"),
    .init("https://token.actions.githubusercontent.com", "https://x.org\\@y.org", 2, "there should be a host"),
    .init("https://token.actions.githubusercontent.com", "https://x.org/a#b", 2, "a character stands in it"),
    .init("https://token.actions.githubusercontent.com", "https://x.org/?a", 2, "the URL of an issuer has no query"),
    .init("    environment: production", "    environment: ''", 7, "here should be a text"),
    .init("    environment: production", "    environment: []", 7, "the list is empty"),
    .init("    environment: production", "    environment: {a: b}", 7, "here should be one text"),
    .init("    environment: production", "    iss: x", 7, "'issuer' decides about the claim iss"),
    .init("    environment: production", "    aud: x", 7, "'audience' decides about the claim aud"),
    .init("    environment: production", "    exp: '*'", 7, "the time decides about the claim exp"),
    .init(
      "    environment: production", "    environment: \(String(repeating: "x", count: 513))", 7, "is not a pattern"),
    .init(#"{sub: "**"}"#, "{}", 14, "a rule without conditions would let in everybody who gets a token"),
    .init(#"{sub: "**"}"#, "", 14, "here should be claims and their patterns"),
    .init(#"{sub: "**"}"#, "[sub]", 14, "here should be claims and their patterns"),
    .init("[team/api, team/api/**]", "[team/api, Team/x]", 9, #"no repository's name fits "Team/x""#),
    .init("[team/api, team/api/**]", "/team/api", 9, #"no repository's name fits "/team/api""#),
    .init("[team/api, team/api/**]", "team//api", 9, "no repository's name fits"),
    .init("[team/api, team/api/**]", "team/api:latest", 9, "no repository's name fits"),
    .init("[team/api, team/api/**]", "[]", 9, "the list is empty"),
    .init("[read:packages, write:packages]", "[read:packages, admin]", 10, #""admin" cannot be granted to a workflow"#),
    .init("[read:packages, write:packages]", "[pull]", 10, "scopes are read:packages, write:packages, delete:packages"),
    .init("      scopes: [read:packages, write:packages]\n", "", 9, "'scopes' is missing here"),
    .init("    - repositories: builds/*\n      scopes: delete:packages", "    []", 16, "a rule without grants"),
    .init(
      "      scopes: delete:packages", "      scopes: delete:packages\n      role: admin", 18, #""role" is not known"#),
    .init("https://10.0.0.1/openid/v1/jwks?x=1", "http://127.0.0.1/jwks", 18, "are fetched by https, too"),
    .init("https://10.0.0.1/openid/v1/jwks?x=1", "/jwks", 18, "it does not begin with https://"),
    .init("/etc/ssl/private-ca.pem", "private-ca.pem", 19, #""private-ca.pem" is not an absolute path"#),
    .init(
      "https://kubernetes.default.svc:6443/", "https://token.actions.githubusercontent.com", 11,
      "the rules of one issuer have the same 'jwks' and 'ca'"),
    .init("- name: github-api", "name: github-api", 2, "this is not YAML"),
    .init("[read:packages, write:packages]", "[read:packages", 11, "this is not YAML"),
    .init("- name: github-api", "- [[]]\n- name: github-api", 1, "here should be a mapping of name, issuer"),
    .init("- name: github-api", "---\n- name: a\n---\n- name: github-api", 3, "this is not YAML"),
    .init("    environment: production", "    <<: {a: b}", 7, "here should be one text"),
  ]

  @Test("a wrong file is refused with the line and what would be right", arguments: wrongFiles)
  func wrong(file: WrongFile) throws {
    try #require(Self.right.contains(file.old))
    let text = Self.right.replacing(file.old, with: file.new, maxReplacements: 1)
    #expect {
      try TrustPolicy(yaml: Array(text.utf8))
    } throws: { error in
      guard let fault = error as? InvalidYAML else { return false }
      return fault.line == file.line && fault.reason.contains(file.message)
    }
  }

  @Test(
    "a file without rules, one that is none and one that is huge are refused",
    arguments: [
      ([], "the file is empty; leave it out"), (Array("# nothing\n".utf8), "the file is empty"),
      (Array("[]".utf8), "the file holds no rule"), (Array("~".utf8), "here should be a list of rules"),
      (Array("a: b".utf8), "here should be a list of rules"), ([0xff, 0xfe], "the file is not UTF-8"),
      (Array("- *x".utf8), "this is not YAML: found undefined alias"), (Array("- \u{0}".utf8), "the file is not YAML"),
      ([UInt8](repeating: UInt8(ascii: "#"), count: 1 << 20 + 1), "the file is longer than 1048576 bytes"),
      ([UInt8](repeating: UInt8(ascii: "["), count: 50_000), "this is not YAML"),
    ] as [([UInt8], String)])
  func noFile(bytes: [UInt8], message: String) {
    #expect {
      try TrustPolicy(yaml: bytes)
    } throws: { error in
      "\(error)".contains(message)
    }
  }
}
