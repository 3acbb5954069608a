import NIOCore
import OCI
import RegistryClient
import Testing
import TestSupport

@testable import Images

@Suite struct SharedBlobTests {
  private func sample() throws -> (MemoryImages, Descriptor, [UInt8]) {
    let bytes = Sample.newBytes(5 << 20)
    let source = MemoryImages(pieceSize: 100_000)
    source.edit { $0.blobs[Digest.of(bytes)] = bytes }
    return (source, Descriptor(mediaType: .ociManifest, digest: Digest.of(bytes), size: Int64(bytes.count)), bytes)
  }

  private func read(_ stream: ByteStream, upTo count: Int = .max) async throws -> [UInt8] {
    var bytes: [UInt8] = []
    for try await piece in stream {
      bytes += piece.readableBytesView
      if bytes.count >= count { break }
    }
    return bytes
  }

  @Test func `who takes nothing is left behind, and reads on alone from where it is`() async throws {
    let (source, blob, bytes) = try sample()
    // Patience ends at once: whoever is full is left behind.
    let shared = SharedBlob(blob, from: source, readers: 2, patience: {})
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await shared.run() }
      let slow = try await shared.read(1, from: 0)
      let fast = try await shared.read(0, from: 0)
      var start = slow.makeAsyncIterator()
      var slowBytes = Array(buffer: try await start.next() ?? ByteBuffer())
      #expect(try await read(fast) == bytes)
      while let piece = try await start.next() { slowBytes += piece.readableBytesView }
      #expect(slowBytes == bytes)
      try await group.waitForAll()
    }
  }

  @Test func `who never begins holds nobody up`() async throws {
    let (source, blob, bytes) = try sample()
    let shared = SharedBlob(blob, from: source, readers: 2, patience: {})
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await shared.run() }
      #expect(try await read(try await shared.read(0, from: 0)) == bytes)
      try await group.waitForAll()
    }
    #expect(try await read(try await shared.read(1, from: 0)) == bytes)
  }

  @Test func `who begins anew reads alone, and the other is not held up`() async throws {
    let (source, blob, bytes) = try sample()
    let shared = SharedBlob(blob, from: source, readers: 2, patience: { try await Task.sleep(for: .seconds(3600)) })
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await shared.run() }
      group.addTask {
        _ = try await read(try await shared.read(1, from: 0), upTo: 300_000)
        #expect(try await read(try await shared.read(1, from: 200_000)) == Array(bytes[200_000...]))
      }
      let other = try await read(try await shared.read(0, from: 0))
      #expect(other == bytes)
      try await group.waitForAll()
    }
    #expect(source.edit { $0.reads[blob.digest] } == 2)
  }

  @Test func `a source that fails, fails for everybody who reads it`() async throws {
    let (source, blob, _) = try sample()
    source.edit { $0.blobs = [:] }
    let shared = SharedBlob(blob, from: source, readers: 2)
    await shared.run()
    for reader in 0..<2 {
      let stream = try await shared.read(reader, from: 0)
      await #expect(throws: ImagesError.self) { try await read(stream) }
    }
  }

  @Test func `a copy that is cancelled ends`() async throws {
    let (source, blob, _) = try sample()
    let shared = SharedBlob(blob, from: source, readers: 2, patience: { try await Task.sleep(for: .seconds(3600)) })
    let run = Task { await shared.run() }
    let stream = try await shared.read(0, from: 0)
    var iterator = stream.makeAsyncIterator()
    _ = try await iterator.next()
    run.cancel()
    await run.value
    await #expect(throws: CancellationError.self) { while try await iterator.next() != nil {} }
  }

  @Test func `a target that is cancelled while it waits ends at once`() async throws {
    let (source, blob, _) = try sample()
    let shared = SharedBlob(blob, from: source, readers: 2)
    let stream = try await shared.read(0, from: 0)
    // Nobody reads the source, so that there is never anything to take.
    let reading = Task { try await read(stream) }
    reading.cancel()
    await #expect(throws: CancellationError.self) { try await reading.value }
  }
}
