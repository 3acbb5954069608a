import Foundation
import OCI
import TestSupport
import Testing

@testable import berth

/// `berth pin` against a server.
@Suite struct PinCommandTests {
  private struct Shell {
    let folder: String
    let server: LiveServer

    var registry: String { "127.0.0.1:\(server.port)" }

    func callAsFunction(_ arguments: String...) async throws -> CommandRun {
      try await CommandRun(["pin"] + arguments, folder: folder, environment: [:])
    }

    func write(_ text: String, to name: String) throws -> String {
      try text.write(toFile: "\(folder)/\(name)", atomically: true, encoding: .utf8)
      return "\(folder)/\(name)"
    }

    func read(_ path: String) throws -> String {
      try String(contentsOfFile: path, encoding: .utf8)
    }
  }

  private func withServer(_ body: (Shell) async throws -> Void) async throws {
    try await withTemporaryFolder { folder in
      try await LiveServer.run { server in try await body(Shell(folder: folder, server: server)) }
    }
  }

  @Test("files are pinned, then pass the check, and are updated when the tag moves")
  func pinning() async throws {
    try await withServer { berth in
      let first = try await berth.server.pushImage(to: "team/app", as: "v1").digest
      let text = "services:\r\n  app: {image: \(berth.registry)/team/app:v1} # ours\r\n"
      let file = try berth.write(text, to: "compose.yaml")
      let unpinned = try await berth("--check", file)
      #expect(unpinned.status == 1)
      #expect(unpinned.output == "\(file):2: \(berth.registry)/team/app:v1 is not pinned\n")
      let dry = try await berth("--dry-run", file)
      #expect(
        dry.status == 0 && dry.output == "\(file):2: \(berth.registry)/team/app:v1 is \(first)\n", "\(dry.errors)")
      #expect(try berth.read(file) == text)
      #expect(try await berth(file).status == 0)
      #expect(try berth.read(file) == text.replacing("app:v1", with: "app:v1@\(first)"))
      #expect(try await berth("--check", file).status == 0)
      let second = try await berth.server.pushImage(to: "team/app", as: "v1", layers: [Array("new".utf8)]).digest
      #expect(try await berth(file).output.isEmpty)
      #expect(try await berth("--update", file).status == 0)
      #expect(try berth.read(file) == text.replacing("app:v1", with: "app:v1@\(second)"))
    }
  }

  @Test("an index is pinned by its own digest")
  func index() async throws {
    try await withServer { berth in
      let image = try await berth.server.pushImage(to: "team/app", as: nil)
      let entry = Sample.descriptor(MediaType.ociManifest.value, image.bytes)
      let index = Sample.index([entry])
      #expect(
        try await berth.server.pushManifest(index, to: "team/app", as: "v1", type: .ociIndex).status == 201)
      let file = try berth.write("image: {repository: \(berth.registry)/team/app, tag: v1}\n", to: "values.yaml")
      #expect(try await berth(file).status == 0)
      #expect(try berth.read(file).contains("tag: v1@\(Digest.of(index))}"))
    }
  }

  @Test("an image that is not there stays as it is, the others are pinned, and the exit status is 1")
  func missing() async throws {
    try await withServer { berth in
      let digest = try await berth.server.pushImage(to: "team/app", as: "v1").digest
      let file = try berth.write(
        "a: {image: \(berth.registry)/team/app:v1}\nb: {image: \(berth.registry)/team/app:v2}\nc: {image: $C}\n",
        to: "values.yaml")
      let run = try await berth(file, "--json")
      #expect(run.status == 1)
      #expect(run.errors.contains("\(file):2: failed: "))
      #expect(run.errors.contains("\(file):3: left alone: $C: a template says it"))
      let json = try JSONValue(parsing: Array(run.output.utf8))
      #expect(json["images"]?.elements.map { $0["outcome"]?.string } == ["pinned", "failed", "left-alone"])
      #expect(json["images"]?.elements.first?["digest"]?.string == "\(digest)")
      let text = try berth.read(file)
      #expect(text.contains("v1@\(digest)}\n") && text.contains("app:v2}\n"))
    }
  }

  @Test("wrong use is refused, and so is a file that is not there")
  func wrongUse() async throws {
    try await withTemporaryFolder { folder in
      func berth(_ arguments: String...) async throws -> CommandRun {
        try await CommandRun(["pin"] + arguments, folder: folder, environment: [:])
      }
      let both = try await berth("--check", "--update", "a.yaml")
      #expect(both.status == 64 && both.errors.contains("leave out --update"))
      let none = try await berth("--check", "\(folder)/none.yaml")
      #expect(none.status == 1 && none.errors.contains("there is no file"))
    }
  }
}
