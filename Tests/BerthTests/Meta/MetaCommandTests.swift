import Foundation
import OCI
import TestSupport
import Testing

@testable import berth

/// `berth meta` as people and workflows call it.
@Suite struct MetaCommandTests {
  /// GitHub's variables for the build of a Git tag.
  private static func gitHub(_ tag: String) -> [String: String] {
    [
      "GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": "push", "GITHUB_REF": "refs/tags/\(tag)",
      "GITHUB_SHA": "860c1904a1ce19322e91ac35af1ab07466440c37", "GITHUB_REPOSITORY": "team/app",
    ]
  }

  private static let rules = """
    type=semver,pattern={{version}}
    type=semver,pattern={{major}}.{{minor}}
    type=semver,pattern={{major}}
    """

  @Test("what is checked out comes to lines, JSON and a bake file")
  func formats() async throws {
    try await withTemporaryFolder { folder in
      let checkout = try GitCheckout(in: "\(folder)/app")
      let commit = try checkout.commit()
      func berth(_ arguments: String...) async throws -> CommandRun {
        try await CommandRun(
          ["meta", "--images", "team/app"] + arguments, folder: folder, environment: checkout.environment)
      }
      let lines = try await berth("--tags", "type=ref,event=branch", "--tags", "type=sha")
      #expect(lines.status == 0 && lines.errors.isEmpty, "\(lines.errors)")
      #expect(lines.output == "team/app:main\nteam/app:sha-\(commit.prefix(7))\n")
      #expect(try await berth("--show", "version").output == "main\n")
      #expect(try await berth("--ref", "refs/tags/v1", "--separator", " ").output == "team/app:v1 team/app:latest\n")
      let json = try JSONValue(parsing: Array(try await berth("--format", "json").output.utf8))
      #expect(json["tags"]?.elements.map(\.string) == ["team/app:main"])
      #expect(json["labels"]?["org.opencontainers.image.revision"]?.string == commit)
      let bake = try JSONValue(
        parsing: Array(
          try await berth("--format", "bake", "--bake-target", "meta", "--annotation-levels", "index").output.utf8))
      let target = bake["target"]?["meta"]
      #expect(target?["args"]?["DOCKER_META_VERSION"]?.string == "main")
      let created = try #require(target?["annotations"]?.elements.first?.string)
      #expect(created.hasPrefix("index:org.opencontainers.image.created="))
    }
  }

  @Test("the inputs may stand in a file, and options replace those of the same name")
  func file() async throws {
    try await withTemporaryFolder { folder in
      let file = "\(folder)/tags.yaml"
      try "images: team/app\ntags: |\n  type=ref,event=tag\n  type=sha\n".write(
        toFile: file, atomically: true, encoding: .utf8)
      let whole = try await CommandRun(["meta", "-f", file], folder: folder, environment: Self.gitHub("v1"))
      #expect(whole.output == "team/app:v1\nteam/app:sha-860c190\nteam/app:latest\n", "\(whole.errors)")
      let replaced = try await CommandRun(
        ["meta", "-f", file, "--images", "other/app", "--flavor", "latest=false"], folder: folder,
        environment: Self.gitHub("v1"))
      #expect(replaced.output == "other/app:v1\nother/app:sha-860c190\n")
      try "images: team/app\ntag: x\n".write(toFile: file, atomically: true, encoding: .utf8)
      let wrong = try await CommandRun(["meta", "-f", file], folder: folder, environment: Self.gitHub("v1"))
      #expect(wrong.status == 1 && wrong.errors.contains("line 2: \"tag\" is not known here"), "\(wrong.errors)")
    }
  }

  @Test("GitHub's next steps get the outputs and variables of the action, whatever lines a value has")
  func outputs() async throws {
    try await withTemporaryFolder { folder in
      let variables = Self.gitHub("v1.2.3").merging([
        "GITHUB_OUTPUT": "\(folder)/output", "GITHUB_ENV": "\(folder)/env", "RUNNER_TEMP": folder,
        "DOCKER_METADATA_ANNOTATIONS_LEVELS": "manifest,index",
      ]) { $1 }
      let run = try await CommandRun(
        ["meta", "--images", "team/app\nghcr.io/Team/app", "--tags", Self.rules, "--format", "github"], folder: folder,
        environment: variables)
      #expect(run.status == 0, "\(run.errors)")
      let outputs = try values("\(folder)/output")
      #expect(outputs["version"] == "1.2.3")
      #expect(
        outputs["tags"]?.split(separator: "\n") == [
          "team/app:1.2.3", "team/app:1.2", "team/app:1", "team/app:latest", "ghcr.io/team/app:1.2.3",
          "ghcr.io/team/app:1.2", "ghcr.io/team/app:1", "ghcr.io/team/app:latest",
        ])
      #expect(outputs["tag-names"] == "1.2.3\n1.2\n1\nlatest")
      #expect(outputs["labels"]?.contains("\norg.opencontainers.image.version=1.2.3") == true)
      #expect(outputs["annotations"]?.contains("\nindex:org.opencontainers.image.version=1.2.3") == true)
      let json = try JSONValue(parsing: Array((outputs["json"] ?? "").utf8))
      #expect(json["tag-names"]?.elements.count == 4)
      for part in ["bake-file-tags", "bake-file-labels", "bake-file-annotations", "bake-file"] {
        let path = try #require(outputs[part])
        let bake = try JSONValue(parsing: Array(try Data(contentsOf: URL(filePath: path))))
        #expect(bake["target"]?["docker-metadata-action"] != nil, "\(part)")
      }
      let named = try values("\(folder)/env")
      #expect(named["DOCKER_METADATA_OUTPUT_TAG_NAMES"] == outputs["tag-names"])
      #expect(named.count == outputs.count)
    }
  }

  @Test("no variables are set where that is not wanted, and without GITHUB_OUTPUT it is said what is missing")
  func fewerOutputs() async throws {
    try await withTemporaryFolder { folder in
      let variables = Self.gitHub("v1").merging([
        "GITHUB_OUTPUT": "\(folder)/output", "GITHUB_ENV": "\(folder)/env", "RUNNER_TEMP": folder,
        "DOCKER_METADATA_SET_OUTPUT_ENV": "false",
      ]) { $1 }
      #expect(
        try await CommandRun(["meta", "--format", "github"], folder: folder, environment: variables).status == 0)
      #expect(try values("\(folder)/output")["tags"] == "v1\nlatest")
      #expect(!FileManager.default.fileExists(atPath: "\(folder)/env"))
      let without = try await CommandRun(
        ["meta", "--format", "github"], folder: folder, environment: Self.gitHub("v1"))
      #expect(without.status == 1 && without.errors.contains("GITHUB_OUTPUT"))
    }
  }

  /// What a file of GitHub's holds.
  private func values(_ path: String) throws -> [String: String] {
    var values: [String: String] = [:]
    var lines = try String(contentsOfFile: path, encoding: .utf8).components(separatedBy: "\n")[...]
    while let first = lines.popFirst(), !first.isEmpty {
      let parts = first.components(separatedBy: "<<")
      try #require(parts.count == 2 && parts[1].hasPrefix("ghadelimiter_"))
      let end = try #require(lines.firstIndex(of: parts[1]))
      values[parts[0]] = lines[..<end].joined(separator: "\n")
      lines = lines[(end + 1)...]
    }
    return values
  }

  @Test("with --registry a back-port leaves latest and the major version to the higher one, and says so")
  func registry() async throws {
    try await withTemporaryFolder { folder in
      try await LiveServer.run { server in
        let registry = "127.0.0.1:\(server.port)"
        for tag in ["1.9.0", "1.10.0", "2.0.0", "latest"] { try await server.pushImage(to: "team/app", as: tag) }
        func berth(_ tag: String, _ images: String...) async throws -> CommandRun {
          try await CommandRun(
            ["meta", "--registry", "--tags", Self.rules] + images.flatMap { ["--images", $0] }, folder: folder,
            environment: Self.gitHub(tag))
        }
        let backport = try await berth("v1.9.1", "\(registry)/team/app", "\(registry)/team/new")
        #expect(backport.status == 0)
        #expect(
          backport.lines == [
            "\(registry)/team/app:1.9.1", "\(registry)/team/app:1.9", "\(registry)/team/new:1.9.1",
            "\(registry)/team/new:1.9", "\(registry)/team/new:1", "\(registry)/team/new:latest",
          ], "\(backport.errors)")
        #expect(backport.errors.contains("\(registry)/team/app: latest stays where it is, because of 2.0.0\n"))
        #expect(backport.errors.contains("\(registry)/team/app: 1 stays where it is, because of 1.10.0\n"))
        let next = try await berth("v2.0.1", "\(registry)/team/app")
        #expect(next.lines.count == 4 && next.errors.isEmpty, "\(next.errors)")
      }
    }
  }

  @Test("wrong rules end it with their line, and rules that fit nothing are told of")
  func faults() async throws {
    try await withTemporaryFolder { folder in
      let wrong = try await CommandRun(
        ["meta", "--tags", "type=sha\ntype=brunch"], folder: folder, environment: Self.gitHub("v1"))
      #expect(wrong.status == 1 && wrong.output.isEmpty)
      #expect(wrong.errors.contains("tags, line 2: \"brunch\" is no type of tag"), "\(wrong.errors)")
      let none = try await CommandRun(
        ["meta", "--tags", "type=semver,pattern={{version}}"], folder: folder, environment: Self.gitHub("release"))
      #expect(none.status == 0 && none.output.isEmpty)
      #expect(none.errors.contains("warning: tags, line 1: \"release\" is no semantic version"))
      #expect(none.errors.contains("warning: there is no tag"))
      let unasked = try await CommandRun(["meta", "--registry"], folder: folder, environment: Self.gitHub("v1"))
      #expect(unasked.status == 64 && unasked.errors.contains("--registry needs --images"))
      let length = try await CommandRun(
        ["meta"], folder: folder,
        environment: Self.gitHub("v1").merging(["DOCKER_METADATA_SHORT_SHA_LENGTH": "seven"]) { $1 })
      #expect(length.status == 1 && length.errors.contains("is a number from 1"))
    }
  }
}
