public import BlobStorage
internal import NIOCore
internal import OCI
public import Testing

/// What every store of blobs must do, one behaviour for each promise of `BlobStore`.
///
/// A store's own tests run all of them as the arguments of one parameterised test.
public struct BlobStoreBehaviour: Sendable, CustomTestStringConvertible {
  /// Opens the store under test, as a process does that starts: each call answers another object over the same bytes,
  /// of which there are none at first.
  public typealias Opening = @Sendable () async throws -> any BlobStore

  /// The behaviour, in words.
  public let testDescription: String
  private let body: @Sendable (Opening) async throws -> Void

  private init(_ description: String, _ body: @escaping @Sendable (Opening) async throws -> Void) {
    testDescription = description
    self.body = body
  }

  /// Checks the behaviour in a store that is empty.
  public func check(_ open: Opening) async throws {
    try await body(open)
  }

  /// All of them.
  public static let all = writing + publishing + reading + removing + listing
}

extension BlobStoreBehaviour {
  private static let writing = [
    BlobStoreBehaviour("an upload holds what was appended, and its digest") { open in
      let store = try await open()
      let upload = try await store.upload(UploadID())
      #expect(upload.offset == 0)
      try await upload.append(ByteBuffer(string: "Hello, "))
      try await upload.append(ByteBuffer())
      #expect(upload.offset == 7)
      try await upload.append(ByteBuffer(string: "world"))
      try await upload.flush()
      #expect(upload.offset == 12)
      #expect(try await upload.digest(.sha256) == .of(Array("Hello, world".utf8)))
      #expect(try await upload.digest(.sha512) == .of(Array("Hello, world".utf8), algorithm: .sha512))
      await upload.close()
    },
    BlobStoreBehaviour("an upload of many odd-sized buffers is the bytes in their order") { open in
      let store = try await open()
      let content = someBytes(7_000_003)
      let upload = try await store.upload(UploadID())
      try await append(content, to: upload, pieces: [1, 65_536, 3, 8_191, 8_192, 100_000, 17, 2_000_001])
      #expect(upload.offset == 7_000_003)
      let digest = Digest.of(content)
      #expect(try await upload.digest(.sha256) == digest)
      #expect(try await upload.publish(as: digest) == 7_000_003)
      await upload.close()
      #expect(try await bytes(of: digest, in: store) == content)
    },
    BlobStoreBehaviour("an upload's flushed bytes can be read while more come, and no others") { open in
      let store = try await open()
      let content = someBytes(3_000_000)
      let upload = try await store.upload(UploadID())
      #expect(try await upload.read(from: 0, count: 10).readableBytes == 0)
      try await append(Array(content[..<1_500_000]), to: upload, pieces: [65_536])
      try await upload.flush()
      async let rest: Void = append(Array(content[1_500_000...]), to: upload, pieces: [65_536])
      let middle = try await upload.read(from: 700_000, count: 500_000)
      #expect(Array(middle.readableBytesView) == Array(content[700_000..<1_200_000]))
      try await rest
      try await upload.append(ByteBuffer(string: "not flushed"))
      let end = try await upload.read(from: 1_400_000, count: 5_000_000)
      #expect(end.readableBytes >= 100_000 && end.readableBytes <= 1_600_000)
      #expect(Array(end.readableBytesView) == Array(content[1_400_000...].prefix(end.readableBytes)))
      await upload.close()
    },
    BlobStoreBehaviour("an upload that was flushed goes on in another process where it stood") { open in
      let content = someBytes(3_000_000)
      let id = UploadID()
      let first = try await open().upload(id)
      try await append(Array(content[..<2_000_000]), to: first, pieces: [70_001])
      try await first.flush()
      await first.close()

      let store = try await open()
      let second = try await store.upload(id)
      #expect(second.offset == 2_000_000)
      try await append(Array(content[2_000_000...]), to: second, pieces: [9_999])
      #expect(try await second.publish(as: .of(content)) == 3_000_000)
      await second.close()
      #expect(try await bytes(of: .of(content), in: store) == content)
    },
    BlobStoreBehaviour("an upload goes back to a mark, and forgets what came after") { open in
      let store = try await open()
      let id = UploadID()
      let upload = try await store.upload(id)
      try await upload.append(ByteBuffer(string: "kept"))
      let mark = try await upload.mark()
      #expect(mark.offset == 4)
      try await append(someBytes(2_500_000), to: upload, pieces: [300_000])
      try await upload.rewind(to: mark)
      #expect(upload.offset == 4)
      #expect(try await upload.digest(.sha256) == .of(Array("kept".utf8)))
      try await upload.append(ByteBuffer(string: " and more"))
      #expect(try await upload.publish(as: .of(Array("kept and more".utf8))) == 13)
      await upload.close()
      #expect(try await store.stagedUploads().first { $0.id == id }?.size == 13)
    },
    BlobStoreBehaviour("an upload that another process left goes back to a mark as well") { open in
      let id = UploadID()
      let first = try await open().upload(id)
      try await first.append(ByteBuffer(string: "before"))
      try await first.flush()
      await first.close()
      let second = try await open().upload(id)
      let mark = try await second.mark()
      try await second.append(ByteBuffer(string: "after"))
      try await second.rewind(to: mark)
      #expect(try await second.publish(as: .of(Array("before".utf8))) == 6)
      await second.close()
    },
  ]

  private static let publishing = [
    BlobStoreBehaviour("a blob of no bytes is a blob") { open in
      let store = try await open()
      let digest = try await push([], to: store)
      #expect(try await bytes(of: digest, in: store) == [])
      #expect(try await blobs(in: store).map(\.size) == [0])
    },
    BlobStoreBehaviour("a blob is stored under a sha512 digest too") { open in
      let store = try await open()
      let content = someBytes(1_500_000)
      let digest = try await push(content, to: store, algorithm: .sha512)
      #expect(digest.algorithm == .sha512)
      #expect(try await bytes(of: digest, in: open()) == content)
      #expect(try await store.open(.of(content)) == nil)
    },
    BlobStoreBehaviour("another digest than the bytes have is refused, and the upload goes on") { open in
      let store = try await open()
      let upload = try await store.upload(UploadID())
      try await upload.append(ByteBuffer(string: "half"))
      for wrong in [Digest.of(Array("whole".utf8)), .of(Array("whole".utf8), algorithm: .sha512)] {
        do throws(BlobStoreError) {
          _ = try await upload.publish(as: wrong)
          Issue.record("published under \(wrong)")
        } catch {
          guard case .digestMismatch(said: wrong, let found) = error else {
            Issue.record("\(error)")
            continue
          }
          #expect(found == .of(Array("half".utf8), algorithm: wrong.algorithm))
        }
        #expect(try await store.open(wrong) == nil)
      }
      #expect(upload.offset == 4)
      try await upload.append(ByteBuffer(string: " and half"))
      let digest = Digest.of(Array("half and half".utf8))
      #expect(try await upload.publish(as: digest) == 13)
      await upload.close()
      #expect(try await bytes(of: digest, in: store) == Array("half and half".utf8))
    },
    BlobStoreBehaviour("an upload can be published again, and again after its blob was removed") { open in
      let store = try await open()
      let content = someBytes(10_000)
      let digest = Digest.of(content)
      let upload = try await store.upload(UploadID())
      try await append(content, to: upload, pieces: [10_000])
      #expect(try await upload.publish(as: digest) == 10_000)
      #expect(try await upload.publish(as: digest) == 10_000)
      #expect(try await store.remove(digest))
      #expect(try await store.open(digest) == nil)
      #expect(try await upload.publish(as: digest) == 10_000)
      await upload.close()
      #expect(try await bytes(of: digest, in: store) == content)
    },
    BlobStoreBehaviour("an upload that was published in a process that ended is published by the next one") { open in
      let id = UploadID()
      let content = someBytes(100_000)
      let first = try await open().upload(id)
      try await append(content, to: first, pieces: [100_000])
      _ = try await first.publish(as: .of(content))
      await first.close()
      let store = try await open()
      let second = try await store.upload(id)
      #expect(try await second.publish(as: .of(content)) == 100_000)
      await second.close()
      #expect(try await bytes(of: .of(content), in: store) == content)
    },
    BlobStoreBehaviour("bytes that an upload gets after it was published do not change the blob") { open in
      let store = try await open()
      let id = UploadID()
      let content = someBytes(50_000)
      let upload = try await store.upload(id)
      let empty = try await upload.mark()
      try await append(content, to: upload, pieces: [50_000])
      _ = try await upload.publish(as: .of(content))
      try await upload.append(ByteBuffer(string: "more"))
      #expect(try await upload.publish(as: .of(content + Array("more".utf8))) == 50_004)
      try await upload.rewind(to: empty)
      try await upload.append(ByteBuffer(string: "other"))
      #expect(try await upload.publish(as: .of(Array("other".utf8))) == 5)
      await upload.close()

      let again = try await open().upload(id)
      try await again.append(ByteBuffer(string: " bytes"))
      #expect(try await again.publish(as: .of(Array("other bytes".utf8))) == 11)
      await again.close()

      for content in [content, content + Array("more".utf8), Array("other".utf8), Array("other bytes".utf8)] {
        #expect(try await bytes(of: .of(content), in: store) == content)
      }
    },
    BlobStoreBehaviour("many pushes of one blob at the same time are all taken and leave one") { open in
      let store = try await open()
      let content = someBytes(1_200_000)
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<16 {
          group.addTask { _ = try await push(content, to: store) }
        }
        try await group.waitForAll()
      }
      #expect(try await blobs(in: store).map(\.digest) == [.of(content)])
      #expect(try await bytes(of: .of(content), in: store) == content)
      #expect(try await store.stagedUploads().isEmpty)
    },
    BlobStoreBehaviour("many blobs pushed at the same time are all there") { open in
      let store = try await open()
      let digests = try await withThrowingTaskGroup(of: Digest.self) { group in
        for number in 0..<64 {
          group.addTask { try await push(Array("blob \(number)".utf8), to: store) }
        }
        return try await group.reduce(into: Set()) { $0.insert($1) }
      }
      #expect(digests.count == 64)
      #expect(try await Set(blobs(in: open()).map(\.digest)) == digests)
    },
  ]

  private static let reading = [
    BlobStoreBehaviour("a blob that is not there is nil") { open in
      let store = try await open()
      #expect(try await store.open(.of([1, 2, 3])) == nil)
    },
    BlobStoreBehaviour("a blob is read in ranges, and ends where it ends") { open in
      let store = try await open()
      let content = someBytes(10_000)
      let blob = try #require(try await store.open(try await push(content, to: store)))
      #expect(blob.size == 10_000)
      #expect(try await Array(blob.read(from: 0, count: 1).readableBytesView) == Array(content[..<1]))
      #expect(try await Array(blob.read(from: 5_000, count: 123).readableBytesView) == Array(content[5_000..<5_123]))
      #expect(try await Array(blob.read(from: 9_990, count: 100).readableBytesView) == Array(content[9_990...]))
      #expect(try await blob.read(from: 10_000, count: 1).readableBytes == 0)
      #expect(try await blob.read(from: 1 << 40, count: 1).readableBytes == 0)
      await blob.close()
    },
    BlobStoreBehaviour("a blob is read by many tasks at the same time") { open in
      let store = try await open()
      let content = someBytes(64_000)
      let blob = try #require(try await store.open(try await push(content, to: store)))
      try await withThrowingTaskGroup(of: Void.self) { group in
        for part in 0..<64 {
          group.addTask {
            let read = try await blob.read(from: Int64(part) * 1_000, count: 1_000)
            #expect(Array(read.readableBytesView) == Array(content[(part * 1_000)..<(part * 1_000 + 1_000)]))
          }
        }
        try await group.waitForAll()
      }
      await blob.close()
    },
    BlobStoreBehaviour("a blob that is open stays readable when it is removed") { open in
      let store = try await open()
      let content = someBytes(200_000)
      let digest = try await push(content, to: store)
      let blob = try #require(try await store.open(digest))
      #expect(try await store.remove(digest))
      #expect(try await Array(blob.read(from: 0, count: 200_000).readableBytesView) == content)
      await blob.close()
    },
  ]

  private static let removing = [
    BlobStoreBehaviour("a blob that was removed is gone, and can be pushed again") { open in
      let store = try await open()
      let digest = try await push([1, 2, 3], to: store)
      #expect(try await store.remove(digest))
      #expect(try await store.open(digest) == nil)
      #expect(try await store.remove(digest) == false)
      try await push([1, 2, 3], to: store)
      #expect(try await bytes(of: digest, in: store) == [1, 2, 3])
    },
    BlobStoreBehaviour("a blob in quarantine is out of reach, and can be pushed again") { open in
      let store = try await open()
      let digest = try await push([1, 2, 3], to: store)
      #expect(try await store.quarantine(digest).contains(digest.hex))
      #expect(try await store.open(digest) == nil)
      #expect(try await blobs(in: store).isEmpty)
      try await push([1, 2, 3], to: store)
      #expect(try await bytes(of: digest, in: store) == [1, 2, 3])
    },
    BlobStoreBehaviour("a blob that is not there cannot be put into quarantine") { open in
      let store = try await open()
      await #expect(throws: BlobStoreError.self) { try await store.quarantine(.of([1, 2, 3])) }
    },
    BlobStoreBehaviour("discarding an upload keeps the blob that it became") { open in
      let store = try await open()
      let id = UploadID()
      let upload = try await store.upload(id)
      try await upload.append(ByteBuffer(string: "stays"))
      _ = try await upload.publish(as: .of(Array("stays".utf8)))
      await upload.close()
      try await store.discardUpload(id)
      #expect(try await bytes(of: .of(Array("stays".utf8)), in: store) == Array("stays".utf8))
    },
    BlobStoreBehaviour("an upload that was discarded begins at 0, and discarding none is no error") { open in
      let store = try await open()
      let id = UploadID()
      try await store.discardUpload(id)
      let upload = try await store.upload(id)
      try await upload.append(ByteBuffer(string: "goes"))
      try await upload.flush()
      await upload.close()
      try await store.discardUpload(id)
      #expect(try await store.stagedUploads().isEmpty)
      let again = try await store.upload(id)
      #expect(again.offset == 0)
      await again.close()
    },
  ]

  private static let listing = [
    BlobStoreBehaviour("a walk finds every blob once, with its size, and no upload") { open in
      let store = try await open()
      var sizes: [Digest: Int64] = [:]
      for size in [0, 1, 500, 70_000] {
        sizes[try await push(someBytes(size), to: store)] = Int64(size)
      }
      sizes[try await push(someBytes(42), to: store, algorithm: .sha512)] = 42
      let upload = try await store.upload(UploadID())
      try await upload.append(ByteBuffer(string: "no blob"))
      try await upload.flush()
      await upload.close()
      let found = try await blobs(in: store)
      #expect(found.count == 5)
      #expect(Dictionary(uniqueKeysWithValues: found.map { ($0.digest, $0.size) }) == sizes)
    },
    BlobStoreBehaviour("staged uploads are listed with their size, and whether they were published") { open in
      let store = try await open()
      let ids = [UploadID(), UploadID()]
      for id in ids {
        let upload = try await store.upload(id)
        try await upload.append(ByteBuffer(string: "\(id)"))
        try await upload.flush()
        if id == ids[0] { _ = try await upload.publish(as: .of(Array("\(id)".utf8))) }
        await upload.close()
      }
      let staged = try await open().stagedUploads()
      #expect(Set(staged.map(\.id)) == Set(ids))
      #expect(staged.map(\.size) == [32, 32])
      #expect(staged.filter(\.isPublished).map(\.id) == [ids[0]])
    },
  ]
}

/// Bytes that look like no pattern, the same ones each time.
private func someBytes(_ count: Int) -> [UInt8] {
  var state: UInt32 = 2_463_534_242
  return (0..<count).map { _ in
    state ^= state << 13
    state ^= state >> 17
    state ^= state << 5
    return UInt8(truncatingIfNeeded: state)
  }
}

private func append(_ content: [UInt8], to upload: any BlobUpload, pieces: [Int]) async throws {
  var rest = content[...]
  var number = 0
  while !rest.isEmpty {
    let piece = rest.prefix(pieces[number % pieces.count])
    try await upload.append(ByteBuffer(bytes: piece))
    rest = rest.dropFirst(piece.count)
    number += 1
  }
}

@discardableResult
private func push(
  _ content: [UInt8], to store: any BlobStore, algorithm: Digest.Algorithm = .sha256
) async throws -> Digest {
  let id = UploadID()
  let digest = Digest.of(content, algorithm: algorithm)
  let upload = try await store.upload(id)
  try await append(content, to: upload, pieces: [65_536])
  #expect(try await upload.publish(as: digest) == Int64(content.count))
  await upload.close()
  try await store.discardUpload(id)
  return digest
}

private func bytes(of digest: Digest, in store: any BlobStore) async throws -> [UInt8]? {
  guard let blob = try await store.open(digest) else { return nil }
  let bytes = try await blob.read(from: 0, count: Int(blob.size) + 1)
  await blob.close()
  return Array(bytes.readableBytesView)
}

private func blobs(in store: any BlobStore) async throws -> [BlobListing] {
  var blobs: [BlobListing] = []
  for try await blob in store.allBlobs() { blobs.append(blob) }
  return blobs
}
