import Foundation
import Server
import TestSupport
import Testing

@testable import berth

/// The commands against a server with accounts, each test with a server of its own.
@Suite struct AccessCommandTests {
  /// A person at a command line, with a folder and a server.
  struct Shell: Sendable {
    let server: LiveServer
    let folder: String
    /// What is in `BERTH_TOKEN`.
    var token: String?

    func callAsFunction(_ arguments: String..., input: String = "") async throws -> CommandRun {
      var environment = ["BERTH_SERVER": server.url]
      environment["BERTH_TOKEN"] = token
      return try await CommandRun(arguments, folder: folder, environment: environment, input: input)
    }
  }

  /// Lends a command line without a credential, and one with the token of the first administrator.
  private func withServer(_ body: (_ anybody: Shell, _ admin: Shell) async throws -> Void) async throws {
    try await withTemporaryFolder { folder in
      try await LiveServer.run(configure: { $0.access = .accounts }) { server in
        let anybody = Shell(server: server, folder: folder)
        var admin = anybody
        admin.token = try String(contentsOfFile: "\(server.data)/admin-token", encoding: .utf8)
          .trimmingCharacters(in: .newlines)
        try await body(anybody, admin)
      }
    }
  }

  @Test("a user is added, logs in, is known by what was stored, and logs out")
  func login() async throws {
    try await withServer { berth, admin in
      let added = try await admin("user", "add", "alice", "--password-stdin", input: "wonderland\n")
      #expect(added.status == 0, "\(added.errors)")
      let wrong = try await berth("login", "-u", "alice", "--password-stdin", input: "wonderwall\n")
      #expect(wrong.status == 1)
      #expect(!FileManager.default.fileExists(atPath: "\(berth.folder)/docker/config.json"))
      let right = try await berth("login", "-u", "alice", "--password-stdin", input: "wonderland\n")
      #expect(right.status == 0, "\(right.errors)")
      #expect(!right.output.contains("wonderland"))
      #expect(try await berth("whoami").output.hasPrefix("alice (user)\n"))
      #expect(try await berth("logout").status == 0)
      #expect(try await berth("whoami").output.hasPrefix("anonymous"))
      let refused = try await berth("user", "list")
      #expect(refused.status == 1)
      #expect(refused.errors.contains("berth login \(berth.server.url)"))
    }
  }

  @Test("users are listed, changed, given another password and removed")
  func users() async throws {
    try await withServer { berth, admin in
      #expect(try await admin("user", "add", "bob", "--no-password", "--admin").status == 0)
      let again = try await admin("user", "add", "bob", "--no-password")
      #expect(again.status == 1)
      #expect(again.errors.contains("bob already"))
      let unasked = try await admin("user", "add", "carol")
      #expect(unasked.status == 64)
      #expect(unasked.errors.contains("--password-stdin"))
      let set = try await admin(
        "user", "set", "bob", "--admin", "false", "--disabled", "true", "--default-visibility", "internal")
      #expect(set.status == 0, "\(set.errors)")
      let listed = try await admin("user", "list").lines
      #expect(listed.first?.hasPrefix("USER") == true)
      #expect(listed.last?.split(separator: " ").prefix(4) == ["bob", "no", "yes", "internal"])
      let json = try JSONDecoder().decode(
        [API.Account].self, from: Data(try await admin("user", "list", "--json").output.utf8))
      #expect(json.map(\.name) == ["admin", "bob"])
      #expect(try await admin("user", "set", "bob", "--disabled", "false").status == 0)
      #expect(try await admin("user", "password", "bob", "--password-stdin", input: "builder-1").status == 0)
      #expect(try await berth("login", "-u", "bob", "--password-stdin", input: "builder-1").status == 0)
      #expect(try await admin("user", "remove", "bob").status == 0)
      #expect(try await admin("user", "list").lines.count == 2)
    }
  }

  @Test("an htpasswd file's users are made with their passwords, and those that exist are skipped")
  func importing() async throws {
    try await withServer { berth, admin in
      #expect(try await admin("user", "add", "bob", "--no-password").status == 0)
      let file = "\(berth.folder)/htpasswd"
      // The password is "wonderland", by SHA-512-crypt of crypt(3).
      let hash = "$6$berthtest$a0Ejt9490oSZUhECiKp3chiz4sT80svpptse7I1Ogw8l2wN2ZtMUUgHnFY1SGS44mfh3Kvr1FbB6wU1G0LT/E."
      try "# team\nbob:\(hash)\nalice:\(hash)\n".write(toFile: file, atomically: true, encoding: .utf8)
      let imported = try await admin("user", "import", file)
      #expect(imported.status == 0, "\(imported.errors)")
      #expect(imported.lines.first == "alice: made")
      #expect(imported.lines.dropFirst().first?.hasPrefix("bob: skipped: ") == true)
      #expect(!imported.output.contains(hash))
      #expect(try await berth("login", "-u", "alice", "--password-stdin", input: "wonderland").status == 0)
      try "alice".write(toFile: file, atomically: true, encoding: .utf8)
      let malformed = try await admin("user", "import", file)
      #expect(malformed.status == 1)
      #expect(malformed.errors.contains("line 1"))
    }
  }

  @Test("an organization has members with roles, which authz explain tells of")
  func organizations() async throws {
    try await withServer { _, admin in
      #expect(try await admin("org", "add", "team").status == 0)
      #expect(try await admin("user", "add", "alice", "--no-password").status == 0)
      #expect(try await admin("org", "member", "set", "team", "alice", "write").status == 0)
      #expect(try await admin("org", "member", "list", "team").lines.last == "alice  write")
      let push = try await admin("authz", "explain", "--as", "alice", "push", "team/api")
      #expect(push.status == 0)
      #expect(push.output.hasPrefix("allowed: alice has the role write in team"))
      let delete = try await admin("authz", "explain", "--as", "alice", "delete", "team/api")
      #expect(delete.status == 1)
      #expect(delete.output.hasPrefix("denied: "))
      #expect(delete.errors.isEmpty)
      #expect(try await admin("org", "member", "remove", "team", "alice").status == 0)
      #expect(try await admin("authz", "explain", "--as", "alice", "push", "team/api").status == 1)
      #expect(try await admin("org", "set", "team", "--default-visibility", "public").status == 0)
      #expect(try await admin("org", "list").output.contains("public"))
      #expect(try await admin("org", "remove", "team").status == 0)
    }
  }

  @Test("token create writes the secret alone to standard output, and the token works until it is revoked")
  func tokens() async throws {
    try await withServer { berth, admin in
      #expect(try await admin("user", "add", "alice", "--no-password").status == 0)
      let made = try await admin(
        "token", "create", "--owner", "alice", "--scope", "read:packages,admin", "--repository", "alice/**", "--name",
        "laptop", "--expires", "90d")
      #expect(made.status == 0, "\(made.errors)")
      #expect(made.lines.count == 1)
      #expect(made.errors.contains("(laptop) of alice: admin, read:packages in alice/**; it expires at "))
      var alice = berth
      alice.token = String(try #require(made.lines.first))
      let identity = try await alice("whoami")
      #expect(identity.output.contains("repositories: alice/**"))
      let listed = try await admin("token", "list", "--owner", "alice")
      #expect(listed.output.contains("laptop"))
      #expect(!listed.output.contains(try #require(alice.token)))
      let object = try await admin("token", "create", "--owner", "alice", "--scope", "read:packages", "--json").output
      let other = try JSONDecoder().decode(API.Token.self, from: Data(object.utf8))
      #expect(other.expiresAt == nil)
      let id = try #require(listed.lines.last?.split(separator: " ").first)
      #expect(try await admin("token", "revoke", String(id)).status == 0)
      let revoked = try await alice("token", "list")
      #expect(revoked.status == 1)
      #expect(revoked.errors.contains("the credential was BERTH_TOKEN"))
    }
  }

  @Test("a repository is made, and its visibility shown, changed and left to its owner")
  func repositories() async throws {
    try await withServer { _, admin in
      #expect(try await admin("org", "add", "team").status == 0)
      let made = try await admin("repository", "create", "team/api", "--visibility", "internal")
      #expect(made.output == "made team/api: internal\n", "\(made.errors)")
      #expect(try await admin("visibility", "team/api").output == "internal\n")
      #expect(try await admin("visibility", "team/api", "public").output == "public\n")
      #expect(try await admin("visibility", "team/api", "inherit").output == "private (its owner's default)\n")
      #expect(try await admin("repository", "list").lines.first == "REPOSITORY")
      #expect(try await admin("repository", "create", "team/api").status == 1)
    }
  }

  @Test("the audit trail is shown newest first, and as many events as were asked for")
  func audit() async throws {
    try await withServer { _, admin in
      for user in ["a", "b", "c"] { #expect(try await admin("user", "add", user, "--no-password").status == 0) }
      let table = try await admin("audit", "-n", "2", "--since", "1h")
      #expect(table.lines.count == 3, "\(table.errors)")
      #expect(table.lines.first?.hasPrefix("TIME") == true)
      let events = try await admin("audit", "--json", "--actor", "admin", "--outcome", "done").lines.map {
        try JSONDecoder().decode(API.AuditEvent.self, from: Data($0.utf8))
      }
      #expect(events.prefix(3).map(\.subject) == ["c", "b", "a"])
      #expect(try await admin("audit", "--until", "2020-01-01").lines.count == 1)
    }
  }
}
