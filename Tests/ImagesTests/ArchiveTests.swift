import Archives
import Foundation
import Images
import NIOCore
import OCI
import Processes
import RegistryClient
import Testing
import TestSupport

@Suite struct ArchiveTests {
  private let tag = try! RefName(parsing: "v1")

  private func copy(
    _ name: ImageName?, _ source: any ImageSource, to target: any ImageTarget, _ names: [RefName]
  ) async throws -> CopyReport {
    let report = try await Copier().copy(name, from: source, to: [CopyDestination(target, names: names)])
    if let failure = report.failure { throw failure }
    return report
  }

  @Test func `an index goes through an archive and stays the same`() async throws {
    try await withTemporaryFolder { folder in
      let index = try SampleImage.index([
        try .image(platform: try Platform(parsing: "linux/amd64")),
        try .image(layers: [Sample.newBytes(700_000), []], platform: try Platform(parsing: "linux/arm64")),
      ])
      let file = "\(folder)/image.tar"
      _ = try await copy(
        .name(tag), MemoryImages([("v1", index)]), to: try await ArchiveTarget(creating: file, .layout), [tag])
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["image.tar"])
      let back = MemoryImages()
      let report = try await copy(nil, try await LayoutArchive(opening: file), to: back, [tag])
      #expect(report.image.digest == index.descriptor.digest)
      #expect(back.edit { $0.blobs } == index.blobs)
    }
  }

  @Test func `tar unpacks an archive to a layout`() async throws {
    try await withTemporaryFolder { folder in
      let image = try SampleImage.image()
      let file = "\(folder)/image.tar"
      _ = try await copy(
        .name(tag), MemoryImages([("v1", image)]), to: try await ArchiveTarget(creating: file, .layout), [tag])
      try FileManager.default.createDirectory(atPath: "\(folder)/out", withIntermediateDirectories: true)
      try run("tar", "-xf", file, "-C", "\(folder)/out")
      #expect(try await LayoutFolder("\(folder)/out").resolve(.name(tag))?.digest == image.descriptor.digest)
      // And what tar packs is read, with its own way to write names.
      try run("tar", "-cf", "\(folder)/again.tar", "-C", "\(folder)/out", ".")
      let archive = try await LayoutArchive(opening: "\(folder)/again.tar")
      #expect(try await archive.mustGet(image.descriptor).bytes == image.manifest.bytes)
    }
  }

  @Test func `an archive for Docker names config, layers and tags, and keeps the digest`() async throws {
    try await withTemporaryFolder { folder in
      let image = try SampleImage.image()
      let file = "\(folder)/image.tar"
      let name = RefName(try ImageReference(parsing: "alpine:3.18"))
      _ = try await copy(
        .name(tag), MemoryImages([("v1", image)]), to: try await ArchiveTarget(creating: file, .docker), [name])
      try run("tar", "-xf", file, "-C", folder)
      let list = try String(contentsOfFile: "\(folder)/manifest.json", encoding: .utf8)
      let layers = image.manifest.layers.map { #""blobs/sha256/\#($0.digest.hex)""# }.joined(separator: ",")
      let config = try #require(image.manifest.config)
      #expect(
        list == #"[{"Config":"blobs/sha256/\#(config.digest.hex)","RepoTags":["alpine:3.18"],"Layers":[\#(layers)]}]"#)
      let index = try String(contentsOfFile: "\(folder)/index.json", encoding: .utf8)
      #expect(index.contains(#""io.containerd.image.name":"docker.io/library/alpine:3.18""#))
      #expect(index.contains(#""org.opencontainers.image.ref.name":"3.18""#))
    }
  }

  @Test func `an archive for Docker refuses an index, and leaves no file`() async throws {
    try await withTemporaryFolder { folder in
      let index = try SampleImage.index([try .image(platform: try Platform(parsing: "linux/amd64"))])
      let target = try await ArchiveTarget(creating: "\(folder)/image.tar", .docker)
      let error = await #expect(throws: ImagesError.self) {
        try await copy(.name(tag), MemoryImages([("v1", index)]), to: target, [tag])
      }
      #expect(error?.code == .unsupported)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
    }
  }

  @Test(arguments: ["alpine:3.18", nil])
  func `what docker save wrote before version 25 is compressed on the way, always to the same bytes`(
    name: String?
  ) async throws {
    try await withTemporaryFolder { folder in
      let gzip = "application/vnd.oci.image.layer.v1.tar+gzip"
      let layers = [Sample.newBytes(600_000), [UInt8](repeating: 7, count: 1_000_000)]
      try writeOldArchive(layers, to: "\(folder)/save.tar", in: folder)
      var digests: Set<Digest> = []
      for _ in 0..<2 {
        let source = try await DockerArchive(opening: "\(folder)/save.tar")
        let target = MemoryImages()
        let name = try name.map { ImageName.name(RefName(try ImageReference(parsing: $0))) }
        let report = try await copy(name, source, to: target, [tag])
        digests.insert(report.image.digest)
        let manifest = try #require(target.edit { $0.manifests[report.image.digest] })
        #expect(manifest.layers.map(\.mediaType.value) == [gzip, gzip])
        for (descriptor, layer) in zip(manifest.layers, layers) {
          let packed = try #require(target.edit { $0.blobs[descriptor.digest] })
          #expect(try decompressed(packed) == layer)
          // From its middle, too.
          var rest: [UInt8] = []
          for try await piece in try await source.blob(descriptor, from: 1000) { rest += piece.readableBytesView }
          #expect(rest == Array(packed[min(1000, packed.count)...]))
        }
      }
      #expect(digests.count == 1)
    }
  }

  @Test func `a layer with other bytes than the config says is refused`() async throws {
    try await withTemporaryFolder { folder in
      try writeOldArchive([Sample.newBytes(5000)], to: "\(folder)/save.tar", in: folder, diffID: Digest.of([1]))
      let source = try await DockerArchive(opening: "\(folder)/save.tar")
      let error = await #expect(throws: ImagesError.self) { try await source.resolve(nil) }
      #expect(error?.code == .mismatch)
    }
  }

  @Test func `files that are no archives are refused with what would be right`() async throws {
    try await withTemporaryFolder { folder in
      let missing = await #expect(throws: ImagesError.self) { try await LayoutArchive(opening: "\(folder)/none.tar") }
      #expect(missing?.code == .missing)
      try Data([0x1f, 0x8b, 8, 0]).write(to: URL(filePath: "\(folder)/packed.tar"))
      let packed = await #expect(throws: ImagesError.self) { try await LayoutArchive(opening: "\(folder)/packed.tar") }
      #expect(packed?.description.contains("decompress") == true)
      try writeOldArchive([[1]], to: "\(folder)/docker.tar", in: folder)
      await #expect(throws: ImagesError.self) { try await LayoutArchive(opening: "\(folder)/docker.tar") }
    }
  }

  private func writeOldArchive(
    _ layers: [[UInt8]], to file: String, in folder: String, diffID: Digest? = nil
  ) throws {
    let root = "\(folder)/old"
    try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
    let diffs = layers.map { "\"\(diffID ?? Digest.of($0))\"" }.joined(separator: ",")
    let config = #"{"os":"linux","architecture":"amd64","rootfs":{"type":"layers","diff_ids":[\#(diffs)]}}"#
    try config.write(toFile: "\(root)/config.json", atomically: true, encoding: .utf8)
    var paths: [String] = []
    for (number, layer) in layers.enumerated() {
      try FileManager.default.createDirectory(atPath: "\(root)/\(number)", withIntermediateDirectories: true)
      // Docker wrote links for layers that are in the archive already.
      try Data(layer).write(to: URL(filePath: "\(root)/\(number)/real.tar"))
      try? FileManager.default.removeItem(atPath: "\(root)/\(number)/layer.tar")
      try FileManager.default.createSymbolicLink(
        atPath: "\(root)/\(number)/layer.tar", withDestinationPath: "../\(number)/real.tar")
      paths.append("\"\(number)/layer.tar\"")
    }
    let list = #"[{"Config":"config.json","RepoTags":["alpine:3.18"],"Layers":[\#(paths.joined(separator: ","))]}]"#
    try list.write(toFile: "\(root)/manifest.json", atomically: true, encoding: .utf8)
    try run("tar", "-cf", file, "-C", root, "manifest.json", "config.json", "0")
    for number in layers.indices.dropFirst() { try run("tar", "-rf", file, "-C", root, "\(number)") }
    try FileManager.default.removeItem(atPath: root)
  }

  private func decompressed(_ bytes: [UInt8]) throws -> [UInt8] {
    let decompressor = Decompressor()
    var output: [UInt8] = []
    try decompressor.decode(ByteBuffer(bytes: bytes)) { output += $0.readableBytesView }
    try decompressor.finish { output += $0.readableBytesView }
    return output
  }

  private func run(_ command: String, _ arguments: String...) throws {
    try #require(try Program.run(command, arguments).status == 0)
  }
}
