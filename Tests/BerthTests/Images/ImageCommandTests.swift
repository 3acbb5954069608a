import Foundation
import Images
import OCI
import TestSupport
import Testing

@testable import berth

/// The commands on images against a server that is open to everybody.
@Suite struct ImageCommandTests {
  /// A person at a command line, with a folder, a layout in it and a server.
  struct Shell: Sendable {
    let server: LiveServer
    let folder: String

    /// What the names of the server's images begin with.
    var registry: String { "127.0.0.1:\(server.port)" }
    var layout: LayoutFolder { LayoutFolder("\(folder)/layout") }

    func callAsFunction(_ arguments: String...) async throws -> CommandRun {
      try await CommandRun(arguments, folder: folder, environment: [:])
    }

    /// What a command prints as JSON, which has to succeed.
    func json(_ arguments: String...) async throws -> JSONValue {
      let run = try await CommandRun(arguments + ["--json"], folder: folder, environment: [:])
      #expect(run.status == 0, "\(run.errors)")
      return try JSONValue(parsing: Array(run.output.utf8))
    }
  }

  private func withServer(_ body: (_ berth: Shell) async throws -> Void) async throws {
    try await withTemporaryFolder { folder in
      try await LiveServer.run { server in try await body(Shell(server: server, folder: folder)) }
    }
  }

  private static let arm = Platform(os: "linux", architecture: "arm64")
  private static let intel = Platform(os: "linux", architecture: "amd64")
  private static let riscv = Platform(os: "linux", architecture: "riscv64")

  @Test("an index goes from a layout to a registry, to another name there and back, with its digest")
  func copy() async throws {
    try await withServer { berth in
      let index = try await SmallImage.index(
        [SmallImage(platform: Self.arm), SmallImage(platform: Self.intel)], to: berth.layout, as: "v1")
      let pushed = try await berth("push", "\(berth.layout.path)", "\(berth.registry)/team/app:v1")
      #expect(pushed.status == 0, "\(pushed.errors)")
      #expect(pushed.errors.contains("transferred"))
      #expect(pushed.lines.count == 1)
      let moved = try await berth.json(
        "copy", "\(berth.registry)/team/app:v1", "\(berth.registry)/other/app:v1", "\(berth.registry)/other/app:v2",
        "--quiet")
      let destinations = try #require(moved["destinations"]?.elements)
      #expect(destinations.count == 1)
      #expect(destinations[0]["bytes"]?.integer == 0)
      #expect(destinations[0]["mounted"]?.integer ?? 0 > 0)
      #expect(moved["digest"]?.string == "\(index.digest)")
      let again = try await berth.json("copy", "\(berth.registry)/team/app:v1", "\(berth.registry)/other/app:v1")
      #expect(again["destinations"]?.elements.first?["outcome"]?.string == "up-to-date")
      let back = try await berth(
        "pull", "\(berth.registry)/other/app:v2", "oci-archive:\(berth.folder)/a.tar:back", "-q")
      #expect(back.status == 0 && back.errors.isEmpty, "\(back.errors)")
      #expect(try await berth("digest", "oci-archive:\(berth.folder)/a.tar:back").output == "\(index.digest)\n")
      #expect(try await berth("check", "oci-archive:\(berth.folder)/a.tar:back").status == 0)
    }
  }

  @Test("one platform is that image itself, and one that is not there is refused with those there are")
  func platforms() async throws {
    try await withServer { berth in
      try await SmallImage.index(
        [SmallImage(platform: Self.arm), SmallImage(platform: Self.riscv)], to: berth.layout, as: "v1")
      let image = "oci:\(berth.layout.path):v1"
      let digest = try await berth("digest", "--platform", "linux/riscv64", image)
      let target = "\(berth.registry)/app:riscv"
      let copied = try await berth("copy", "--platform", "linux/riscv64", image, target)
      #expect(copied.status == 0, "\(copied.errors)")
      #expect(try await berth("digest", target).output == digest.output)
      let missing = try await berth("config", "--platform", "windows/amd64", image)
      #expect(missing.status == 1)
      #expect(missing.errors.contains("linux/arm64, linux/riscv64"))
      #expect(missing.errors.split(separator: "\n").count == 1)
      #expect(try await berth("config", "--platform", "linux/arm64", target).errors.contains("not for linux/arm64"))
    }
  }

  @Test("an image is shown in a table and as JSON, and its parts byte for byte")
  func inspection() async throws {
    try await withServer { berth in
      let image = try await SmallImage().write(to: berth.layout, at: .named(RefName(try Tag(parsing: "v1"))))
      let name = "\(berth.registry)/team/app:v1"
      #expect(try await berth("push", "oci:\(berth.layout.path):v1", name).status == 0)
      let table = try await berth("inspect", name).output
      for text in ["\(Platform.current)", "\(image.digest)", "2026-01-31T12:00:00Z", "org.example.team=berth"] {
        #expect(table.contains(text))
      }
      let json = try await berth.json("inspect", name)
      let first = try #require(json["images"]?.elements.first)
      #expect(first["labels"]?["org.example.team"]?.string == "berth")
      #expect(first["layers"]?.elements.count == 1)
      let manifest = try await berth("manifest", name).output
      #expect(Digest.of(Array(manifest.utf8)) == image.digest)
      let config = try await berth("config", name).output
      #expect("\(Digest.of(Array(config.utf8)))" == first["config"]?.string)
      let layer = try #require(first["layers"]?.elements.first?["digest"]?.string)
      let blob = try await berth("blob", "\(berth.registry)/team/app@\(layer)", "-o", "\(berth.folder)/blob")
      #expect(blob.status == 0, "\(blob.errors)")
      #expect("\(Digest.of(Array(try Data(contentsOf: URL(filePath: "\(berth.folder)/blob")))))" == layer)
      #expect(try await berth("ls", "\(berth.registry)/team/app").output == "v1\n")
      #expect(try await berth("ls", "oci:\(berth.layout.path)").output == "v1\n")
      #expect(try await berth("catalog", berth.registry).output == "team/app\n")
      #expect(try await berth("catalog", berth.registry, "--prefix", "other/").output.isEmpty)
      let absent = try await berth("inspect", "\(berth.registry)/team/app:v2")
      #expect(absent.status == 1)
      #expect(absent.errors.contains("nothing called v2"))
    }
  }

  @Test("a tag is deleted alone, and a manifest with what goes with it named, once it is confirmed")
  func deletion() async throws {
    try await withServer { berth in
      let image = try await SmallImage().write(to: berth.layout, at: .named(RefName(try Tag(parsing: "v1"))))
      let repository = "\(berth.registry)/team/app"
      #expect(try await berth("push", "oci:\(berth.layout.path):v1", "\(repository):v1").status == 0)
      #expect(try await berth("tag", "\(repository):v1", "v1.0", "latest").status == 0)
      #expect(try await berth("delete", "\(repository):latest").output.contains("stays"))
      #expect(try await berth("ls", repository).lines == ["v1", "v1.0"])
      let plan = try await berth.json("delete", "--dry-run", "\(repository)@\(image.digest)")
      #expect(plan["tags"]?.elements.compactMap(\.string) == ["v1", "v1.0"])
      #expect(plan["deleted"]?.isTrue == false)
      let deleted = try await berth("delete", "--yes", "--digest", "\(repository):v1")
      #expect(deleted.output.contains("with its tag v1.0"))
      #expect(try await berth("digest", "\(repository):v1.0").status == 1)
      #expect(try await berth("delete", "\(repository):v1").errors.contains("is not there"))
    }
  }

  @Test("files become an artifact and files again, and are attached to an image as its referrer")
  func artifacts() async throws {
    try await withServer { berth in
      try FileManager.default.createDirectory(atPath: "\(berth.folder)/out", withIntermediateDirectories: true)
      try #"{"spdxVersion":"SPDX-2.3"}"#.write(toFile: "\(berth.folder)/sbom.json", atomically: true, encoding: .utf8)
      try await SmallImage().write(to: berth.layout, at: .named(RefName(try Tag(parsing: "v1"))))
      let image = "\(berth.registry)/team/app:v1"
      #expect(try await berth("push", "oci:\(berth.layout.path):v1", image).status == 0)
      let attached = try await berth.json(
        "attach", image, "\(berth.folder)/sbom.json:application/spdx+json", "--artifact-type", "application/spdx+json",
        "--annotation", "org.example.tool=hand")
      let digest = try #require(attached["digest"]?.string)
      let referrers = try await berth.json("referrers", image)
      #expect(referrers.elements.map { $0["digest"]?.string } == [digest])
      #expect(referrers.elements.first?["annotations"]?["org.example.tool"]?.string == "hand")
      #expect(try await berth("referrers", image, "--artifact-type", "text/plain").lines.count == 1)
      let pulled = try await berth(
        "pull", "\(berth.registry)/team/app@\(digest)", "--output", "\(berth.folder)/out")
      #expect(pulled.status == 0, "\(pulled.errors)")
      #expect(
        FileManager.default.contentsEqual(atPath: "\(berth.folder)/out/sbom.json", andPath: "\(berth.folder)/sbom.json")
      )
      #expect(try await berth("pull", image).errors.contains("berth export"))
    }
  }

  @Test("the file system of an image is listed, read, exported and judged with its removed files")
  func contents() async throws {
    try await withServer { berth in
      var image = SmallImage()
      image.layers = [
        [("etc/motd", "hello"), ("data/big", String(repeating: "x", count: 5000))],
        [("data/.wh.big", ""), ("etc/motd", "goodbye")],
      ]
      try await image.write(to: berth.layout, at: .named(RefName(try Tag(parsing: "v1"))))
      let name = "oci:\(berth.layout.path):v1"
      #expect(try await berth("cat", name, "/etc/motd").output == "goodbye")
      #expect(try await berth("cat", name, "/data/big").errors.contains("has nothing at /data/big"))
      #expect(try await berth("cat", name, "/etc").errors.contains("is a directory"))
      #expect(try await berth("files", name, "/etc").lines == ["/etc", "/etc/motd"])
      #expect(try await berth("files", "-l", name, "etc/motd").output.hasPrefix("-rw-r--r--  0:0"))
      #expect(try await berth("history", name).lines.map { $0.contains("COPY layer-") } == [false, true, true, false])
      let archive = try await berth("export", name, "--output", "\(berth.folder)/root.tar")
      #expect(archive.status == 0, "\(archive.errors)")
      let tar = try String(contentsOfFile: "\(berth.folder)/root.tar", encoding: .utf8)
      #expect(tar.contains("goodbye") && !tar.contains("hello") && !tar.contains("xxxx"))
      let analysis = try await berth.json("analyze", name)
      #expect(analysis["hiddenBytes"]?.integer == 5005)
      #expect(try await berth("analyze", "--highest-wasted-bytes", "1KB", name).status == 1)
      #expect(try await berth("analyze", "--lowest-efficiency", "much", name).status == 64)
      image.layers[1][1].content = "so long"
      image.runtime = #"{"Env":["PATH=/bin","A=1"]}"#
      try await image.write(to: berth.layout, at: .named(RefName(try Tag(parsing: "v2"))))
      let difference = try await berth.json("diff", name, "oci:\(berth.layout.path):v2")
      #expect(difference["files"]?.elements.map { $0["path"]?.string } == ["/etc/motd"])
      #expect(
        difference["config"]?.elements.compactMap { $0["name"]?.string } == ["Env.A", "Labels.org.example.team"])
      #expect(difference["layersAdded"]?.elements.count == 1)
    }
  }

  @Test("a blob that is not what its digest says is found, and its image is not pushed")
  func faults() async throws {
    try await withServer { berth in
      let image = try await SmallImage().write(to: berth.layout, at: .named(RefName(try Tag(parsing: "v1"))))
      let manifest = try #require(try await berth.layout.manifest(image))
      let path = "\(berth.layout.path)/blobs/sha256/\(manifest.layers[0].digest.hex)"
      var bytes = try Data(contentsOf: URL(filePath: path))
      bytes[600] ^= 1
      try bytes.write(to: URL(filePath: path))
      let name = "oci:\(berth.layout.path):v1"
      let check = try await berth("check", name)
      #expect(check.status == 1)
      #expect(check.lines.count == 1)
      #expect(check.output.contains("\(manifest.layers[0].digest)"))
      #expect(try await berth("check", "--presence", name).status == 0)
      let pushed = try await berth("push", name, "\(berth.registry)/app:v1")
      #expect(pushed.status == 1)
      #expect(try await berth("digest", "\(berth.registry)/app:v1").status == 1)
    }
  }

  @Test("a destination that fails leaves the others alone, and a taken tag is left where that is asked for")
  func failures() async throws {
    try await withServer { berth in
      try await SmallImage().write(to: berth.layout, at: .named(RefName(try Tag(parsing: "v1"))))
      let other = SmallImage(layers: [[("etc/motd", "other")]])
      try await other.write(to: berth.layout, at: .named(RefName(try Tag(parsing: "v2"))))
      let (one, two) = ("oci:\(berth.layout.path):v1", "oci:\(berth.layout.path):v2")
      let copied = try await berth(
        "copy", one, "127.0.0.1:1/app:v1", "\(berth.registry)/app:v1", "--retries", "0")
      #expect(copied.status == 1)
      #expect(copied.lines.count == 2)
      #expect(copied.lines.first?.contains("failed") == true)
      #expect(try await berth("digest", "\(berth.registry)/app:v1").status == 0)
      let kept = try await berth("copy", "--no-clobber", two, "\(berth.registry)/app:v1")
      #expect(kept.status == 1)
      #expect(kept.output.contains("--no-clobber"))
      #expect(try await berth("cat", "\(berth.registry)/app:v1", "etc/motd").output == "hello")
    }
  }

  @Test("rules make a repository the same, a second time there is nothing to do, and what is gone is pruned")
  func sync() async throws {
    try await withServer { berth in
      try await SmallImage().write(to: berth.layout, at: .named(RefName(try Tag(parsing: "v1"))))
      let (source, target) = ("\(berth.registry)/team/app", "\(berth.registry)/mirror/app")
      #expect(try await berth("push", "oci:\(berth.layout.path):v1", "\(source):1.0.0").status == 0)
      #expect(try await berth("tag", "\(source):1.0.0", "1.1.0", "2.0.0-rc1", "nightly").status == 0)
      let rule = ["sync", "--source", source, "--target", target, "--semver", "<2", "--prune"]
      func sync(_ options: String...) async throws -> CommandRun {
        try await CommandRun(rule + options, folder: berth.folder, environment: [:])
      }
      let plan = try await sync("--dry-run")
      #expect(plan.status == 0, "\(plan.errors)")
      #expect(plan.lines.last == "0 up to date, 2 to copy, 0 to remove, 0 failed")
      #expect(try await berth("ls", target).status == 1)
      #expect(try await sync().lines.last == "0 up to date, 2 copied, 0 removed, 0 failed")
      #expect(try await sync().output == "2 up to date, 0 copied, 0 removed, 0 failed\n")
      #expect(try await berth("delete", "\(source):1.0.0").status == 0)
      #expect(try await sync().output.contains("removed \(target):1.0.0"))
      #expect(try await berth("ls", target).output == "1.1.0\n")
      try "rules: [{ repository: 127.0.0.1:1/app, target: \(target) }]".write(
        toFile: "\(berth.folder)/rules.yaml", atomically: true, encoding: .utf8)
      let failed = try await berth("sync", "\(berth.folder)/rules.yaml", "--retries", "0")
      #expect(failed.status == 1)
      #expect(failed.errors.contains("failed: 127.0.0.1:1/app"))
      try "rules: [{ repositry: a }]".write(toFile: "\(berth.folder)/rules.yaml", atomically: true, encoding: .utf8)
      #expect(try await berth("sync", "\(berth.folder)/rules.yaml").errors.contains("repositry"))
    }
  }
}
