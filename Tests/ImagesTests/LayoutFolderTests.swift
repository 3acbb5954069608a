import Foundation
import Images
import OCI
import RegistryClient
import Testing
import TestSupport

@Suite struct LayoutFolderTests {
  private let tag = try! RefName(parsing: "v1")

  private func copy(_ source: any ImageSource, to target: any ImageTarget, _ names: [String]) async throws {
    let report = try await Copier().copy(
      .name(tag), from: source, to: [CopyDestination(target, names: try names.map { try RefName(parsing: $0) })])
    if let failure = report.failure { throw failure }
  }

  @Test func `an image goes through three layouts and stays the same`() async throws {
    try await withTemporaryFolder { folder in
      let index = try SampleImage.index([
        try .image(platform: try Platform(parsing: "linux/amd64")),
        try .image(platform: try Platform(parsing: "linux/arm64")),
      ])
      var source: any ImageSource = MemoryImages([("v1", index)])
      for number in 1...3 {
        let layout = LayoutFolder("\(folder)/\(number)/layout")
        try await copy(source, to: layout, ["v1"])
        source = layout
      }
      let back = MemoryImages()
      try await copy(source, to: back, ["v1"])
      #expect(back.edit { $0.manifests[index.descriptor.digest]?.bytes } == index.manifest.bytes)
      #expect(back.edit { $0.blobs } == index.blobs)
    }
  }

  @Test func `it is the layout of the specification`() async throws {
    try await withTemporaryFolder { folder in
      let image = try SampleImage.image()
      try await copy(MemoryImages([("v1", image)]), to: LayoutFolder(folder), ["v1"])
      let marker = try String(contentsOfFile: "\(folder)/oci-layout", encoding: .utf8)
      #expect(marker == #"{"imageLayoutVersion":"1.0.0"}"#)
      let index = try Manifest(
        parsing: Array(try Data(contentsOf: URL(filePath: "\(folder)/index.json"))), contentType: .ociIndex)
      #expect(index.entries.map(\.digest) == [image.descriptor.digest])
      #expect(index.entries[0].annotations == ["org.opencontainers.image.ref.name": "v1"])
      let names = try FileManager.default.contentsOfDirectory(atPath: "\(folder)/blobs/sha256")
      #expect(Set(names) == Set((image.blobs.keys + [image.descriptor.digest]).map(\.hex)))
      let all = try FileManager.default.contentsOfDirectory(atPath: folder)
      #expect(!all.contains { $0.hasPrefix(".berth") })
    }
  }

  @Test func `a name moves to the image that gets it, and other entries stay as they were written`() async throws {
    try await withTemporaryFolder { folder in
      let layout = LayoutFolder(folder)
      let (first, second) = (try SampleImage.image(), try SampleImage.image())
      try await copy(MemoryImages([("v1", first)]), to: layout, ["v1", "keep"])
      let path = "\(folder)/index.json"
      let text = try String(contentsOfFile: path, encoding: .utf8)
      let marked = text.replacing(#""keep"}"#, with: #""keep" , "x.mark":"\u0041"}"#)
      try marked.write(toFile: path, atomically: true, encoding: .utf8)
      try await copy(MemoryImages([("v1", second)]), to: layout, ["v1"])
      #expect(try await layout.digest(of: tag) == second.descriptor.digest)
      #expect(try await layout.digest(of: try RefName(parsing: "keep")) == first.descriptor.digest)
      #expect(try String(contentsOfFile: path, encoding: .utf8).contains(#""keep" , "x.mark":"\u0041"}"#))
      try await layout.remove(try RefName(parsing: "keep"))
      #expect(try await layout.entries().map(\.digest) == [second.descriptor.digest])
    }
  }

  @Test func `many writers lose no name`() async throws {
    try await withTemporaryFolder { folder in
      let images = try (0..<20).map { _ in try SampleImage.image() }
      try await withThrowingTaskGroup(of: Void.self) { group in
        for (number, image) in images.enumerated() {
          group.addTask {
            try await copy(MemoryImages([("v1", image)]), to: LayoutFolder(folder), ["tag-\(number)"])
          }
        }
        try await group.waitForAll()
      }
      #expect(try await LayoutFolder(folder).entries().count == images.count)
    }
  }

  @Test func `bytes that are wrong leave nothing behind`() async throws {
    try await withTemporaryFolder { folder in
      let image = try SampleImage.image()
      let source = MemoryImages([("v1", image)])
      source.edit { $0.lies = Dictionary(uniqueKeysWithValues: image.blobs.keys.map { ($0, 1000) }) }
      let error = await #expect(throws: ImagesError.self) {
        try await copy(source, to: LayoutFolder(folder), ["v1"])
      }
      #expect(error?.code == .mismatch)
      #expect(try FileManager.default.contentsOfDirectory(atPath: "\(folder)/blobs/sha256").isEmpty)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder).allSatisfy { !$0.hasPrefix(".berth") })
    }
  }

  @Test func `several images and no name is an error that lists them`() async throws {
    try await withTemporaryFolder { folder in
      let layout = LayoutFolder(folder)
      for name in ["one", "two"] {
        try await copy(MemoryImages([("v1", try .image())]), to: layout, [name])
      }
      let error = await #expect(throws: ImagesError.self) { try await layout.resolve(nil) }
      #expect(error?.description.contains("one, two") == true)
    }
  }

  @Test func `a folder that is no layout is refused, and left as it is`() async throws {
    try await withTemporaryFolder { folder in
      await #expect(throws: ImagesError.self) { try await LayoutFolder(folder).resolve(nil) }
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
      try #"{"imageLayoutVersion":"2.0.0"}"#.write(toFile: "\(folder)/oci-layout", atomically: true, encoding: .utf8)
      let error = await #expect(throws: ImagesError.self) { try await LayoutFolder(folder).create() }
      #expect(error?.description.contains("2.0.0") == true)
    }
  }

  @Test func `a manifest with other bytes than its digest says is refused`() async throws {
    try await withTemporaryFolder { folder in
      let image = try SampleImage.image()
      let layout = LayoutFolder(folder)
      try await copy(MemoryImages([("v1", image)]), to: layout, ["v1"])
      let path = "\(folder)/blobs/sha256/\(image.descriptor.digest.hex)"
      try String(decoding: image.manifest.bytes, as: UTF8.self).replacing("amd64", with: "arm64")
        .appending(" ").write(toFile: path, atomically: true, encoding: .utf8)
      let error = await #expect(throws: ImagesError.self) { try await layout.manifest(image.descriptor) }
      #expect(error?.code == .mismatch)
    }
  }
}
