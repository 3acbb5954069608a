import Foundation
import NIOHTTP1
import OCI
import Server
import TestSupport
import Testing

@testable import berth

/// `berth protect` and `berth hold` against servers of their own.
@Suite struct ProtectionCommandTests {
  private typealias Shell = AccessCommandTests.Shell

  /// Lends a command line of the administrator.
  private func withServer(_ access: AccessMode, _ body: (Shell) async throws -> Void) async throws {
    try await withTemporaryFolder { folder in
      try await LiveServer.run(configure: { $0.access = access }) { server in
        var shell = Shell(server: server, folder: folder)
        if case .token(let token)? = access == .accounts ? try server.administrator : nil { shell.token = token }
        try await body(shell)
      }
    }
  }

  private func push(_ tag: String, _ layer: String, with berth: Shell) async throws -> Reply {
    let login = berth.token.map { Login.token($0) } ?? .nobody
    for blob in [Array("{}".utf8), Array(layer.utf8)] {
      try await berth.server.pushBlob(blob, to: "team/api", as: login)
    }
    return try await berth.server.send(
      .PUT, "/v2/team/api/manifests/\(tag)", as: login, [("Content-Type", MediaType.ociManifest.value)],
      body: Sample.image(layers: [Array(layer.utf8)]))
  }

  @Test(
    "a rule is made, listed, explained, held to, and taken away",
    arguments: [AccessMode.open, .accounts])
  func rules(_ access: AccessMode) async throws {
    try await withServer(access) { berth in
      let added = try await berth(
        "protect", "add", "--name", "release", "--repository", "team/*", "--tags", "v*", "--tags", "!v0*")
      #expect(added.output == "made the rule release: tags v* !v0* of team/*\n", "\(added.errors)")
      let again = try await berth("protect", "add", "--name", "release", "--repository", "x", "--tags", "y")
      #expect(again.status == 1 && again.errors.contains("there is a rule release already"))
      let unset = try await berth("protect", "explain", "team/api:v1")
      #expect(unset.output.hasPrefix("team/api:v1 is not set\nthe rule release "), "\(unset.output)\(unset.errors)")
      #expect(try await push("v1", "one", with: berth).status == 201)
      #expect(try await push("v1", "two", with: berth).status == 409)
      #expect(try await push("v1", "one", with: berth).status == 201)
      #expect(try await push("v0.1", "two", with: berth).status == 201)
      let held = try await berth("protect", "explain", "team/api:v1")
      #expect(held.lines.count == 2 && held.lines.last?.hasPrefix("the rule release ") == true)
      let free = try await berth("protect", "explain", "team/api:v0.1")
      #expect(free.status == 0 && free.lines.last == "nothing keeps it")
      for arguments in [["list"], ["list", "team/api"]] {
        let listed = try await berth.run(["protect"] + arguments)
        #expect(listed.lines.count == 2 && listed.output.contains("release  team/*"), "\(listed.output)")
      }
      #expect(try await berth("protect", "list", "other/api").lines.count == 1)
      #expect(try await berth("protect", "list", "--json").output.contains(#""name" : "release""#))
      #expect(try await berth("protect", "remove", "release").output == "took away the rule release\n")
      #expect(try await berth("protect", "remove", "release").status == 1)
      #expect(try await push("v1", "two", with: berth).status == 201)
    }
  }

  @Test("a manifest is held, listed, and let go", arguments: [AccessMode.open, .accounts])
  func holds(_ access: AccessMode) async throws {
    try await withServer(access) { berth in
      #expect(try await push("v1", "one", with: berth).status == 201)
      let digest = Digest.of(Sample.image(layers: [Array("one".utf8)]))
      let held = try await berth("hold", "team/api:v1", "--reason", "evidence for incident 42")
      #expect(held.output == "team/api@\(digest) is held\n", "\(held.errors)")
      let login = berth.token.map { Login.token($0) } ?? .nobody
      let deletion = try await berth.server.send(.DELETE, "/v2/team/api/manifests/\(digest)", as: login)
      #expect(deletion.status == 409 && deletion.text.contains("evidence for incident 42"))
      for arguments in [["list"], ["list", "team/api"]] {
        let listed = try await berth.run(["hold"] + arguments)
        #expect(listed.lines.last?.hasPrefix("team/api@\(digest)  ") == true, "\(listed.output)\(listed.errors)")
        #expect(listed.lines.last?.hasSuffix("  evidence for incident 42") == true)
      }
      #expect(try await push("v1", "two", with: berth).status == 201)
      let moved = try await berth("unhold", "team/api:v1")
      #expect(moved.status == 1 && moved.errors.contains("berth hold list team/api"))
      #expect(try await berth("unhold", "team/api@\(digest)").status == 0)
      #expect(try await berth("hold", "list").lines.count == 1)
    }
  }

  @Test(
    "what is written wrongly is told before a server is asked",
    arguments: [
      (["hold", "team/api", "--reason", "x"], "names no manifest"),
      (["unhold", "team/api@sha256:12"], "sha256"),
      (["protect", "add", "--name", "a b", "--repository", "team", "--tags", "v*"], "a rule's name has"),
      (["protect", "add", "--name", "a", "--repository", "Team", "--tags", "v*"], "team for all of an owner's"),
      (["protect", "add", "--name", "a", "--repository", "team", "--tags", "!v*"], "at least one of them"),
      (["protect", "add", "--name", "a", "--repository", "team"], "--tags"),
    ])
  func mistakes(_ arguments: [String], message: String) async throws {
    try await withTemporaryFolder { folder in
      let run = try await CommandRun(arguments, folder: folder, environment: [:])
      #expect(run.status == 64)
      #expect(run.errors.contains(message), "\(run.errors)")
    }
  }
}

extension AccessCommandTests.Shell {
  fileprivate func run(_ arguments: [String]) async throws -> CommandRun {
    var environment = ["BERTH_SERVER": server.url]
    environment["BERTH_TOKEN"] = token
    return try await CommandRun(arguments, folder: folder, environment: environment)
  }
}
