import Foundation
import NIOHTTP1
import OCI
import Server
import TestSupport
import Testing

@testable import berth

/// The commands about tags and the trash against servers whose access is open.
@Suite struct TagHistoryCommandTests {
  /// A command line with a folder and a server.
  struct Shell: Sendable {
    let server: LiveServer
    let folder: String

    func callAsFunction(_ arguments: String...) async throws -> CommandRun {
      try await CommandRun(arguments, folder: folder, environment: ["BERTH_SERVER": server.url])
    }

    /// Pushes an image of which there is no other.
    func push(_ repository: String, _ tag: String) async throws -> String {
      try await server.pushImage(to: repository, as: tag, layers: [Sample.newBytes(100)]).digest.description
    }
  }

  private func withServer(_ body: (Shell) async throws -> Void) async throws {
    try await withTemporaryFolder { folder in
      try await LiveServer.run { server in try await body(Shell(server: server, folder: folder)) }
    }
  }

  @Test("a tag's history is shown, asked about and gone back in")
  func history() async throws {
    try await withServer { berth in
      let first = try await berth.push("team/api", "latest")
      let second = try await berth.push("team/api", "latest")
      let log = try await berth("log", "team/api:latest")
      #expect(log.status == 0, "\(log.errors)")
      #expect(log.lines.count == 3)
      #expect(log.lines[1].contains(second) && log.lines[2].contains(first))
      #expect(
        try await berth("log", "127.0.0.1:\(berth.server.port)/team/api", "--limit", "1", "--json").lines.count == 1)

      let since = try #require(log.lines[2].split(separator: " ").first)
      #expect(try await berth("resolve", "team/api:latest").output == "\(second)\n")
      #expect(try await berth("resolve", "team/api:latest", "--at", String(since)).output == "\(first)\n")
      #expect(try await berth("resolve", "team/api:latest@\(since)").output == "\(first)\n")
      let early = try await berth("resolve", "team/api:latest@2001-01-01")
      #expect(early.status == 1)
      #expect(early.errors.contains("set for the first time at \(since)"))

      let refused = try await berth("rollback", "team/api:latest", "--expect", first)
      #expect(refused.status == 1 && refused.errors.contains("names \(second) now"))
      let rolledBack = try await berth("rollback", "team/api:latest", "--expect", second)
      #expect(rolledBack.status == 0 && rolledBack.output.contains(first), "\(rolledBack.errors)")
      #expect(try await berth("resolve", "team/api").output == "\(first)\n")
      let again = try await berth("rollback", "team/api:latest", "--to", first)
      #expect(again.status == 0 && again.output.contains("nothing to do"))
      #expect(try await berth("log", "team/api").lines[1].hasSuffix("rollback"))
    }
  }

  @Test("what was deleted is listed, restored, and let go of")
  func trash() async throws {
    try await withServer { berth in
      let digest = try await berth.push("team/api", "v1")
      let image = "127.0.0.1:\(berth.server.port)/team/api"
      #expect(try await berth("delete", "\(image)@\(digest)", "--yes").status == 0)
      let listed = try await berth("trash", "list", "team/api")
      #expect(listed.status == 0, "\(listed.errors)")
      #expect(listed.lines.count == 3)
      #expect(listed.lines[1].hasPrefix("team/api:v1 ") && listed.lines[2].contains(digest))
      #expect(try await berth("trash", "list", "--json").output.contains(#""tag" : "v1""#))
      let restored = try await berth("restore", "team/api@\(digest)", "--tags")
      #expect(restored.output == "restored \(digest)\n  with its tag v1\n", "\(restored.errors)")
      #expect(try await berth("resolve", "team/api:v1").output == "\(digest)\n")
      #expect(try await berth("restore", "team/api:v1").output.contains("nothing to do"))

      #expect(try await berth("trash", "window", "team").output == "14d (the registry's default)\n")
      #expect(try await berth("trash", "window", "team", "30d").output == "30d\n")
      #expect(try await berth("trash", "window", "team", "default").output.hasPrefix("14d (the"))
      #expect(try await berth("delete", "\(image):v1").status == 0)
      #expect(try await berth("trash", "empty", "team/api", "--yes").output == "let go of 1 tags and 0 manifests\n")
      let gone = try await berth("restore", "team/api:v1")
      #expect(gone.status == 1 && gone.errors.contains("berth trash list team/api"))
    }
  }

  @Test("an image is promoted to tags, to another repository and through environments, and once is enough")
  func promotion() async throws {
    try await withServer { berth in
      let digest = try await berth.push("team/api", "main-1")
      let promoted = try await berth("promote", "team/api:main-1", "--to", "v1.2.3,1.2,latest")
      #expect(promoted.status == 0, "\(promoted.errors)")
      #expect(promoted.lines == ["promoted \(digest)"] + ["1.2", "latest", "v1.2.3"].map { "  team/api:\($0)  new" })
      let again = try await berth("promote", "team/api:main-1", "--to", "v1.2.3,1.2,latest", "--expect", "none")
      #expect(again.status == 0 && again.output.contains("nothing to do"), "\(again.errors)")
      let other = try await berth.push("team/api", "main-2")
      let refused = try await berth("promote", "team/api@\(other)", "--to", "latest", "--expect", "none")
      #expect(refused.status == 1 && refused.errors.contains("names \(digest) now"))

      #expect(try await berth("promote", "team/api:main-2", "--to", "team/prod/api:v2,latest").status == 0)
      #expect(try await berth("resolve", "team/prod/api:latest").output == "\(other)\n")

      let file = "\(berth.folder)/environments.yaml"
      let yaml = """
        environments:
          - name: dev
          - name: staging
            repositories: staging
            from: dev
          - name: prod
            repositories: prod
            from: staging
        """
      try Data(yaml.utf8).write(to: URL(filePath: file))
      let path = ["--from", "dev", "--to", "prod", "--environments", file]
      let skipped = try await berth("promote", "team/api:main-2", path[0], path[1], path[2], path[3], path[4], path[5])
      #expect(skipped.status == 64 && skipped.errors.contains("prod takes images from staging"))
      let staged = try await berth(
        "promote", "team/api:main-2", "--from", "dev", "--to", "staging", "--tag", "v2", "--environments", file)
      #expect(staged.status == 0, "\(staged.errors)")
      #expect(try await berth("resolve", "staging/team/api:v2").output == "\(other)\n")
    }
  }

  @Test("an image is promoted to another registry with what refers to it, and once is enough")
  func otherRegistry() async throws {
    try await withServer { berth in
      try await LiveServer.run { prod in
        let digest = try await berth.push("team/api", "main")
        let target = "127.0.0.1:\(prod.port)/prod/api:v1,latest"
        let promoted = try await berth("promote", "team/api:main", "--to", target, "--quiet", "--expect", "none")
        #expect(promoted.status == 0, "\(promoted.errors)")
        for tag in ["v1", "latest"] {
          #expect(try await prod.send(.HEAD, "/v2/prod/api/manifests/\(tag)")["Docker-Content-Digest"] == digest)
        }
        #expect(try await berth("promote", "team/api:main", "--to", target, "--quiet").output.contains("already"))
        let other = try await berth.push("team/api", "main")
        let refused = try await berth("promote", "team/api:main", "--to", target, "--quiet", "--expect", "none")
        #expect(refused.status == 1 && refused.errors.contains("names \(digest) now"))
        #expect(
          try await berth("promote", "team/api:main", "--to", target, "--quiet", "--expect", digest).status == 0)
        #expect(try await prod.send(.HEAD, "/v2/prod/api/manifests/v1")["Docker-Content-Digest"] == other)
      }
    }
  }
}
