import BlobStorage
import Foundation
import NIOCore
import OCI
import TestSupport
import Testing

@Suite("A store of blobs on a disk that fills up", .enabled("needs the right to mount a tmpfs", { SmallDisk.canMount }))
struct FullDiskTests {
  @Test("says so, goes on reading, and takes pushes again when there is room")
  func fillsUp() async throws {
    try await withSmallDisk(mebibytes: 4) { folder in
      let store = try await FileBlobStore(folder: folder.path)
      let present = try await push(Array("present".utf8), to: store)
      let large = try await store.upload(UploadID())
      try await large.append(ByteBuffer(repeating: 1, count: 1000))
      let mark = try await large.mark()

      await expectOutOfSpace(folder) {
        for _ in 0..<200 { try await large.append(ByteBuffer(repeating: 2, count: 65_536)) }
        try await large.flush()
      }
      #expect(large.offset >= 1000 && large.offset < 4 << 20)
      let kept = large.offset
      await expectOutOfSpace(folder) {
        for _ in 0..<200 { try await large.append(ByteBuffer(repeating: 2, count: 65_536)) }
        try await large.flush()
      }
      #expect(large.offset >= kept)
      let blob = try #require(try await store.open(present))
      #expect(try await String(buffer: blob.read(from: 0, count: 100)) == "present")
      await blob.close()

      try await large.rewind(to: mark)
      try await large.append(ByteBuffer(repeating: 3, count: 1000))
      let bytes = [UInt8](repeating: 1, count: 1000) + [UInt8](repeating: 3, count: 1000)
      #expect(try await large.publish(as: .of(bytes)) == 2000)
      await large.close()
      _ = try await push(Array("new".utf8), to: store)
    }
  }

  @Test("goes on with an upload where it stood when there was no room")
  func goesOn() async throws {
    try await withSmallDisk(mebibytes: 4) { folder in
      let store = try await FileBlobStore(folder: folder.path)
      try folder.write(String(repeating: "x", count: 2 << 20), to: "ballast")
      let content = [UInt8](repeating: 7, count: 3 << 20)
      let upload = try await store.upload(UploadID())
      await expectOutOfSpace(folder) {
        for start in stride(from: 0, to: content.count, by: 65_536) {
          try await upload.append(ByteBuffer(bytes: content[start..<(start + 65_536)]))
        }
        _ = try await upload.publish(as: .of(content))
      }
      try folder.remove("ballast")
      try await upload.append(ByteBuffer(bytes: content[Int(upload.offset)...]))
      #expect(try await upload.publish(as: .of(content)) == Int64(content.count))
      await upload.close()
    }
  }

  @Test("publishes nothing of a small upload that found no room, and publishes it when there is")
  func small() async throws {
    try await withSmallDisk(mebibytes: 2) { folder in
      let store = try await FileBlobStore(folder: folder.path)
      let content = [UInt8](repeating: 9, count: 200_000)
      let upload = try await store.upload(UploadID())
      try fill(folder)
      await expectOutOfSpace(folder) {
        try await upload.append(ByteBuffer(bytes: content))
        _ = try await upload.publish(as: .of(content))
      }
      #expect(upload.offset == 0)
      #expect(try await store.open(.of(content)) == nil)
      try folder.remove("ballast")
      try await upload.append(ByteBuffer(bytes: content))
      #expect(try await upload.publish(as: .of(content)) == 200_000)
      await upload.close()
    }
  }

  private func push(_ content: [UInt8], to store: FileBlobStore) async throws -> Digest {
    let id = UploadID()
    let upload = try await store.upload(id)
    try await upload.append(ByteBuffer(bytes: content))
    _ = try await upload.publish(as: .of(content))
    await upload.close()
    try await store.discardUpload(id)
    return .of(content)
  }

  private func fill(_ folder: TemporaryFolder) throws {
    _ = FileManager.default.createFile(atPath: folder.path + "/ballast", contents: nil)
    let ballast = try #require(FileHandle(forWritingAtPath: folder.path + "/ballast"))
    defer { try? ballast.close() }
    #expect(throws: (any Error).self) {
      while true { try ballast.write(contentsOf: [UInt8](repeating: 0, count: 4096)) }
    }
  }

  private func expectOutOfSpace(_ folder: TemporaryFolder, _ body: () async throws -> Void) async {
    let error = await #expect(throws: BlobStoreError.self) { try await body() }
    guard case .outOfSpace(let what) = error else {
      Issue.record("\(String(describing: error)) is not .outOfSpace")
      return
    }
    #expect(what.contains(folder.path))
  }
}
