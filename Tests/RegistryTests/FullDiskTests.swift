import BlobStorage
import Foundation
import OCI
import Registry
import TestSupport
import Testing

@Suite("A registry on a disk that fills up", .enabled("needs the right to mount a tmpfs", { SmallDisk.canMount }))
struct FullDiskTests {
  @Test("refuses pushes with 507, goes on reading, and takes pushes again when there is room")
  func filler() async throws {
    try await SmallDisk.with(mebibytes: 8) { folder in
      try await RegistryOnDisk.run(in: folder) { disk in
        let image = try await disk.pushImage(["config", "layer"], tags: ["latest"])
        let filler = "\(folder)/filler"
        try fill(filler)
        let large = [UInt8](repeating: 7, count: 1 << 20)
        for _ in 0..<3 { await expectNoRoom { try await disk.push(large) } }
        #expect(try await disk.pull(.of(large)) == nil)
        #expect(try await disk.pull("layer") == "layer")
        #expect(try await disk.has(.tag(.named("latest"))))

        try FileManager.default.removeItem(atPath: filler)
        try await disk.push(large)
        #expect(try await disk.pull(.of(large)) == large)
        #expect(try await disk.has(image))
        #expect(try await disk.store.stagedUploads().isEmpty)
        #expect(try await disk.examine().findings.isEmpty)
      }
    }
  }

  @Test("takes an upload up again where the disk was full in the middle of it")
  func upload() async throws {
    try await SmallDisk.with(mebibytes: 8) { folder in
      try await RegistryOnDisk.run(in: folder) { disk in
        let content = Sample.bytes(2 << 20, seed: 1)
        let repository = RegistryOnDisk.repository
        let id = try await disk.registry.beginUpload(in: repository)
        _ = try await disk.registry.appendToUpload(
          id, in: repository, range: nil, length: nil, body: requestBody(Array(content[..<1000])))
        let filler = "\(folder)/filler"
        try fill(filler)
        await expectNoRoom {
          _ = try await disk.registry.appendToUpload(
            id, in: repository, range: nil, length: nil, body: requestBody(Array(content[1000...])))
        }
        try FileManager.default.removeItem(atPath: filler)
        let offset = try await disk.registry.uploadOffset(id, in: repository)
        #expect(offset >= 1000)
        try await disk.registry.finishUpload(
          id, in: repository, as: .of(content), range: nil, length: nil,
          body: requestBody(Array(content[Int(offset)...])))
        #expect(try await disk.pull(.of(content)) == content)
      }
    }
  }

  @Test("makes room by collecting what nobody needs")
  func collection() async throws {
    try await SmallDisk.with(mebibytes: 8) { folder in
      try await RegistryOnDisk.run(in: folder) { disk in
        try await disk.pushImage(["config", "layer"], tags: ["latest"])
        var pushed: [Digest] = []
        var error: RegistryError?
        while error == nil {
          do {
            pushed.append(try await disk.push(Sample.bytes(512 << 10, seed: UInt64(pushed.count))))
          } catch let refusal as RegistryError {
            error = refusal
          }
        }
        #expect(error?.status == 507)
        #expect(pushed.count > 4)
        for digest in pushed { #expect(try await disk.pull(digest)?.count == 512 << 10) }

        #expect(try await disk.collector.collect(.asIfLater).blobs == pushed.count)
        let again = try await disk.push(Sample.bytes(2 << 20, seed: 99))
        #expect(try await disk.pull(again)?.count == 2 << 20)
        #expect(try await disk.pull("layer") == "layer")
        #expect(try await disk.examine().findings.isEmpty)
      }
    }
  }

  private func expectNoRoom(_ body: () async throws -> Void) async {
    let error = await expectRefusal(.denied, status: 507, body)
    #expect(error?.message.contains("disk is full") == true)
  }

  /// Writes to a file until there is no room for another byte.
  private func fill(_ path: String) throws {
    _ = FileManager.default.createFile(atPath: path, contents: nil)
    let file = try #require(FileHandle(forWritingAtPath: path))
    defer { try? file.close() }
    #expect(throws: (any Error).self) {
      while true { try file.write(contentsOf: [UInt8](repeating: 0, count: 4096)) }
    }
  }
}
