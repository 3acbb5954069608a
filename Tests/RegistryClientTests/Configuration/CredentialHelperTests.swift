import Foundation
import OCI
import TestSupport
import Testing

@testable import RegistryClient

@Suite struct CredentialHelperTests {
  private static let host = "registry.example.org:5000"
  private static let notFound = "echo 'credentials not found in native keychain'; exit 1"

  private func withHelper(
    _ lines: String, timeLimit: Duration = .seconds(60),
    _ body: (CredentialHelper, HelperScript, RegistryHost) throws -> Void
  ) async throws {
    try await withTemporaryFolder { folder in
      let script = try HelperScript("fake", in: folder, lines)
      let helper = try CredentialHelper(
        "fake", environment: ["PATH": "/nowhere:\(script.folder)", "MARK": "of the environment"],
        place: "/a/config.json", timeLimit: timeLimit)
      try body(helper, script, RegistryHost(parsing: Self.host))
    }
  }

  @Test(
    "what a helper answers is a password, an identity token or nothing",
    arguments: [
      (
        #"echo '{"ServerURL":"x","Username":"alice","Secret":"wonderland"}'"#,
        RegistryCredential.password(user: "alice", password: "wonderland")
      ),
      (#"echo '{"Username":"<token>","Secret":"t"}'"#, .identityToken("t")),
      (
        #"echo "{\"Username\":\"$MARK\",\"Secret\":\"$input\"}""#,
        .password(user: "of the environment", password: "registry.example.org:5000")
      ),
      (#"echo '{"Username":"","Secret":""}'"#, nil), (notFound, nil),
    ] as [(String, RegistryCredential?)])
  func answers(_ lines: String, _ expected: RegistryCredential?) async throws {
    try await withHelper(lines) { helper, script, host in
      let credential = try helper.credential(for: host)
      #expect(credential == expected)
      #expect(try script.lines == ["get \(Self.host)"])
    }
  }

  @Test("Docker Hub is asked for by Docker's name, and then by Podman's")
  func dockerHub() async throws {
    try await withHelper(Self.notFound) { helper, script, _ in
      let credential = try helper.credential(for: .dockerHub)
      #expect(credential == nil)
      #expect(try script.lines == ["get https://index.docker.io/v1/", "get docker.io"])
    }
  }

  @Test(
    "a helper that fails is an error that names the file and the helper",
    arguments: [
      ("echo 'the keychain\u{1b} is locked'; exit 1", #""the keychain\u{1b} is locked""#), ("exit 3", "no reason"),
      ("echo 'no display' >&2; exit 1", "no display"), ("kill -9 $$", "failed to get"),
      ("echo nothing", "no JSON object"), ("exit 0", "no JSON object"),
      (#"echo '{"Username":"secret"}'"#, "no JSON object"), (#"echo '{"Username":1,"Secret":"secret"}'"#, "no JSON"),
      ("while :; do echo yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy; done", "wrote more than"),
      ("while :; do echo yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy >&2; done", "wrote more than"),
    ])
  func failures(_ lines: String, _ fault: String) async throws {
    try await withHelper(lines) { helper, _, host in
      let error = #expect(throws: InvalidConfiguration.self) { try helper.credential(for: host) }
      let text = try #require(error?.description)
      #expect(text.hasPrefix("/a/config.json: ") && text.contains("docker-credential-fake") && text.contains(fault))
      #expect(!text.contains("secret"))
    }
  }

  @Test("a helper that does not end is ended")
  func timeLimit() async throws {
    try await withHelper("while :; do /bin/true; done", timeLimit: .milliseconds(50)) { helper, _, host in
      let error = #expect(throws: InvalidConfiguration.self) { try helper.credential(for: host) }
      #expect(error?.description.contains("did not end") == true)
    }
  }

  @Test("a program that a helper leaves behind, with its outputs, does not hold the answer up")
  func daemon() async throws {
    try await withTemporaryFolder { folder in
      let end = "\(folder)/end"
      try #require(mkfifo(end, 0o600) == 0)
      let script = try HelperScript(
        "fake", in: folder, "(read line < '\(end)') &\n" + #"echo '{"Username":"alice","Secret":"x"}'"#)
      let helper = try CredentialHelper("fake", environment: ["PATH": script.folder], place: "/a/config.json")
      #expect(try helper.credential(for: .dockerHub) == .password(user: "alice", password: "x"))
      try Data("end\n".utf8).write(to: URL(filePath: end))
    }
  }

  @Test("a helper that reads nothing does no harm")
  func inputUnread() async throws {
    try await withTemporaryFolder { folder in
      let script = try HelperScript("fake", in: folder, "")
      try HelperScript.write(
        "#!/bin/sh\nexec 0<&-\necho '{\"Username\":\"alice\",\"Secret\":\"x\"}'\n",
        to: "\(script.folder)/docker-credential-fake")
      let helper = try CredentialHelper("fake", environment: ["PATH": script.folder], place: "/a/config.json")
      #expect(try helper.credential(for: .dockerHub) == .password(user: "alice", password: "x"))
    }
  }

  @Test("a credential is stored and erased by the protocol, and erasing says whether there was one")
  func changes() async throws {
    try await withHelper(#"echo '{"Username":"alice","Secret":"x"}'"#) { helper, script, host in
      try helper.store(user: "alice", password: "won\"der", for: host)
      #expect(try helper.erase(host))
      #expect(
        try script.lines == [
          #"store {"ServerURL":"registry.example.org:5000","Username":"alice","Secret":"won\"der"}"#,
          "get \(Self.host)", "erase \(Self.host)",
        ])
    }
    try await withHelper(Self.notFound) { helper, _, host in
      let erased = try helper.erase(host)
      #expect(!erased)
    }
  }

  @Test("a credential longer than a pipe is refused, not waited for")
  func longInput() async throws {
    try await withHelper("") { helper, _, host in
      let secret = String(repeating: "secret", count: 100_000)
      let error = #expect(throws: InvalidConfiguration.self) {
        try helper.store(user: "alice", password: secret, for: host)
      }
      #expect(error?.description.contains("as long as") == true)
    }
  }

  @Test(
    "a helper's name that is none, or whose program is nowhere in PATH, is an error that names the file",
    arguments: ["", "../x", "a/b", "a b", "$(x)", "é", "missing"])
  func unknown(_ name: String) {
    let error = #expect(throws: InvalidConfiguration.self) {
      try CredentialHelper(name, environment: ["PATH": "relative::/nowhere"], place: "/a/config.json")
    }
    #expect(error?.description.hasPrefix("/a/config.json: ") == true)
  }
}
