import Foundation
import OCI
import TestSupport
import Testing

@testable import RegistryClient

@Suite struct AuthFileTests {
  private func read(_ text: String) throws -> AuthFile {
    try AuthFile(parsing: Array(text.utf8), place: "/a/auth.json")
  }

  private func user(_ file: AuthFile, _ host: String, _ repository: String?) throws -> String? {
    let credential = try file.credential(
      for: RegistryHost(parsing: host), repository.map { try RepositoryName(parsing: $0) })
    guard case .password(let user, _) = credential else { return nil }
    return user
  }

  private static let keys = """
    {"auths": {
      "registry.example.org": {"username": "host", "password": "x"},
      "registry.example.org/team": {"username": "team", "password": "x"},
      "registry.example.org/team/app": {"username": "app", "password": "x"},
      "registry.example.org/marked": {},
      "registry.example.org:5000": {"username": "port", "password": "x"},
      "https://index.docker.io/v1/": {"username": "hub", "password": "x"},
      "docker.io/team": {"username": "hub-team", "password": "x"},
      "http://old.example.org/v2/": {"username": "old", "password": "x"},
      "both.example.org": {"username": "plain", "password": "x"},
      "https://both.example.org": {"username": "url", "password": "x"},
      "UPPER.example.org/": {"username": "upper", "password": "x"},
      "no registry": {"username": "nobody", "password": "x"}
    }}
    """

  @Test(
    "the longest key that leads to a repository wins, and a registry's other names count",
    arguments: [
      ("registry.example.org", nil, "host"), ("registry.example.org", "other", "host"),
      ("registry.example.org", "team", "team"), ("registry.example.org", "team/x", "team"),
      ("registry.example.org", "teams/x", "host"), ("registry.example.org", "team/app", "app"),
      ("registry.example.org", "team/app/x", "app"), ("registry.example.org", "team/apps", "team"),
      ("registry.example.org", "marked/x", "host"), ("registry.example.org:5000", "team", "port"),
      ("registry.example.org:5001", "team", nil), ("docker.io", "library/alpine", "hub"),
      ("index.docker.io", "library/alpine", "hub"), ("registry-1.docker.io", "library/alpine", "hub"),
      ("docker.io", "team/app", "hub-team"), ("old.example.org", "x", "old"), ("both.example.org", "x", "plain"),
      ("upper.example.org", "x", "upper"), ("unknown.example.org", "x", nil),
    ] as [(String, String?, String?)])
  func matching(_ host: String, _ repository: String?, _ expected: String?) throws {
    #expect(try user(read(Self.keys), host, repository) == expected)
  }

  @Test(
    "an entry holds a credential in one of Docker's forms",
    arguments: [
      (#"{"auth": "YWxpY2U6d29uOmRlcmxhbmQ="}"#, RegistryCredential.password(user: "alice", password: "won:derland")),
      (#"{"auth": "YWxpY2U6"}"#, .password(user: "alice", password: "")),
      (#"{"auth": "", "username": "alice", "password": "x"}"#, .password(user: "alice", password: "x")),
      (#"{"auth": "YWxpY2U6", "identitytoken": "t"}"#, .identityToken("t")),
      (#"{"identitytoken": "t", "registrytoken": "r"}"#, .registryToken("r")),
      (#"{"auth": null, "identitytoken": "", "email": 5}"#, nil), (#"{"username": "alice"}"#, nil), ("{}", nil),
    ] as [(String, RegistryCredential?)])
  func entries(_ entry: String, _ expected: RegistryCredential?) throws {
    let file = try read(#"{"auths": {"a.example.org": \#(entry)}}"#)
    // The cases are compared with ==, because a credential shows nothing when printed.
    #expect(try file.credential(for: RegistryHost(parsing: "a.example.org"), nil) == expected)
  }

  @Test(
    "a malformed entry is an error that names the file and the key and shows nothing of it, to who asks for it only",
    arguments: [
      #"{"auth": "c2VjcmV0"}"#, #"{"auth": "secret%"}"#, #"{"auth": "//79"}"#, #"{"auth": "OnNlY3JldA=="}"#,
      #"{"auth": ["secret"]}"#, #"{"identitytoken": {"secret": 1}}"#, #"{"registrytoken": 5}"#, #""secret""#, "[]",
    ])
  func malformedEntry(_ entry: String) throws {
    let file = try read(#"{"auths": {"a.example.org": \#(entry), "b.example.org": {}}}"#)
    let error = #expect(throws: InvalidConfiguration.self) { try user(file, "a.example.org", nil) }
    let text = try #require(error?.description)
    #expect(text.hasPrefix("/a/auth.json: ") && text.contains("a.example.org"))
    #expect(!text.contains("secret") && !text.contains("c2VjcmV0") && !text.contains("OnNl"))
    #expect(try user(file, "b.example.org", nil) == nil)
  }

  @Test(
    "a file that is none is an error that names it and shows nothing of it",
    arguments: [
      "{", "[]", "null", "secret", #"{"auths": []}"#, #"{"auths": {"a": {}, "a": {}}}"#, #"{"credHelpers": "secret"}"#,
      #"{"credsStore": {"secret": 1}}"#, #"{"auths": {"a": {"auth": "secret}}}"#,
    ])
  func malformed(_ text: String) {
    let error = #expect(throws: InvalidConfiguration.self) { try read(text) }
    #expect(error?.description.hasPrefix("/a/auth.json: ") == true)
    #expect(error?.description.contains("secret") == false)
  }

  @Test(
    "a file that is empty, or says nothing of credentials, holds none",
    arguments: ["", " \n", "{}", #"{"auths":null}"#])
  func empty(_ text: String) throws {
    #expect(try user(read(text), "a.example.org", nil) == nil)
    #expect(try read(text).helper(for: RegistryHost(parsing: "a.example.org"), nil) == nil)
  }

  @Test(
    "the helper of a registry comes before the one of all, and an empty name before both",
    arguments: [
      ("a.example.org", nil, "one"), ("a.example.org", "team/app", "two"), ("b.example.org", nil, nil),
      ("c.example.org", nil, "all"), ("docker.io", nil, "hub"),
    ] as [(String, String?, String?)])
  func helpers(_ host: String, _ repository: String?, _ expected: String?) throws {
    let file = try read(
      """
      {"credHelpers": {"a.example.org": "one", "a.example.org/team": "two", "b.example.org": "",
       "https://index.docker.io/v1/": "hub", "d.example.org": 5}, "credsStore": "all"}
      """)
    let repository = try repository.map { try RepositoryName(parsing: $0) }
    #expect(try file.helper(for: RegistryHost(parsing: host), repository) == expected)
    #expect(throws: InvalidConfiguration.self) { try file.helper(for: RegistryHost(parsing: "d.example.org"), nil) }
  }

  @Test("neither printing nor dumping a file shows what it holds")
  func hidesSecrets() throws {
    let file = try read(#"{"auths": {"a.example.org": {"identitytoken": "very-secret"}}}"#)
    var text = "\(file) \(String(reflecting: file))"
    dump(file, to: &text)
    #expect(!text.contains("very-secret"))
  }
}
