import Foundation
import Locks
import NIOCore
import NIOHTTP1
import OCI
import TestSupport
import Testing

@testable import RegistryClient

@Suite("Uploads", .liveServer)
struct UploadTests {
  private let server = LiveServer.current
  private let name = LiveServer.newRepository()

  private func has(_ blob: Descriptor) async throws -> Bool {
    try await server.send(.HEAD, "/v2/\(name)/blobs/\(blob.digest)").status == 200
  }

  private func fetch(_ blob: Descriptor) async throws -> [UInt8] {
    try await server.send(.GET, "/v2/\(name)/blobs/\(blob.digest)").body
  }

  @Test("blobs of every size arrive", arguments: [0, 1, 1000, 1 << 20, (1 << 20) + 1, 5_000_000])
  func sizes(_ size: Int) async throws {
    let bytes = Sample.bytes(size, seed: UInt64(size) + 77)
    let blob = try Descriptor(of: bytes)
    let reached = Locked<Int64>(-1)
    try await withClient { client in
      try await client.repository(name, port: server.port).upload(
        blob, from: { ByteStream(bytes, from: $0) }, progress: { count in reached.withLock { $0 = count } })
    }
    #expect(try await fetch(blob) == bytes)
    #expect(reached.withLock { $0 } == blob.size)
  }

  @Test("an upload goes on from where the registry got to, through whatever breaks")
  func resumed() async throws {
    let bytes = Sample.newBytes(32 << 20)
    let blob = try Descriptor(of: bytes)
    let offsets = Locked<[Int64]>([])
    try await FaultyProxy.run(
      to: server.url,
      fault: { exchange in
        switch (exchange.method, exchange.earlier) {
        case (.POST, 0): .status(429, [("Retry-After", "3")])
        case (.PATCH, 0): .cutRequest(after: 10 << 20)
        case (.PATCH, 1): .status(503)
        case (.PATCH, 2): .cutRequest(after: 12 << 20)
        case (.GET, 1): .cut
        case (.PUT, 0): .loseAnswer
        default: .none
        }
      }
    ) { proxy in
      try await withClient { client in
        try await client.repository(name, port: proxy.port).upload(
          blob,
          from: { offset in
            offsets.withLock { $0.append(offset) }
            return ByteStream(bytes, from: offset)
          })
      }
      #expect(proxy.requestedBytes < bytes.count + bytes.count / 4)
    }
    #expect(try await fetch(blob) == bytes)
    let opened = offsets.withLock { $0 }
    #expect(opened.first == 0 && opened == opened.sorted() && opened.last.map { $0 > 16 << 20 } == true)
  }

  @Test("chunks become half as large until they are taken")
  func largeChunksRefused() async throws {
    let bytes = Sample.newBytes((12 << 20) + 1)
    let blob = try Descriptor(of: bytes)
    let offsets = Locked<[Int64]>([])
    try await FaultyProxy.run(
      to: server.url,
      fault: { exchange in
        let length = exchange.headers.first(name: "Content-Length").flatMap { Int($0) } ?? 0
        return exchange.method == .PATCH && length > 2 << 20 ? .status(413) : .none
      }
    ) { proxy in
      try await withClient { client in
        try await client.repository(name, port: proxy.port).upload(
          blob,
          from: { offset in
            offsets.withLock { $0.append(offset) }
            return ByteStream(bytes, from: offset)
          })
      }
      // 12, 6 and 3 MiB are too much; eight chunks of 1.5 MiB and the last byte are taken.
      #expect(proxy.exchanges.count { $0.method == .PATCH } == 3 + 9)
    }
    #expect(try await fetch(blob) == bytes)
    #expect(offsets.withLock { $0 } == [0, 0, 0, 0])
  }

  @Test("a registry that takes no chunk of a sane size is not asked for ever")
  func allChunksRefused() async throws {
    let bytes = Sample.newBytes(5 << 20)
    let blob = try Descriptor(of: bytes)
    try await FaultyProxy.run(to: server.url, fault: { $0.method == .PATCH ? .status(413) : .none }) { proxy in
      try await withClient { client in
        let error = await #expect(throws: RegistryClientError.self) {
          try await client.repository(name, port: proxy.port).upload(blob, from: { ByteStream(bytes, from: $0) })
        }
        #expect(error?.status == 413)
      }
      #expect(proxy.exchanges.count { $0.method == .PATCH } == 4)
    }
  }

  @Test("a new process goes on with the upload that the last one began")
  func restarted() async throws {
    let bytes = Sample.newBytes(16 << 20)
    let blob = try Descriptor(of: bytes)
    try await withTemporaryFolder { folder in
      let journal = UploadJournal(folder: "\(folder)/uploads")
      try await FaultyProxy.run(
        to: server.url,
        fault: { exchange in
          if exchange.method == .PATCH { return exchange.earlier == 0 ? .cutRequest(after: 9 << 20) : .status(503) }
          return .none
        }
      ) { proxy in
        // The port is part of what the journal remembers, so both clients have to see the same registry.
        let endpoints = { (port: Int) in
          TestEndpoints(endpoints: [RegistryEndpoint(scheme: .http, host: "127.0.0.1:\(port)")])
        }
        try await withClient(endpoints: endpoints(proxy.port), retries: RetryPolicy(attempts: 2)) { client in
          await #expect(throws: RegistryClientError.self) {
            try await client.repository(name, port: 5000).upload(
              blob, resumable: journal, from: { ByteStream(bytes, from: $0) })
          }
        }
        let files = try FileManager.default.contentsOfDirectory(atPath: journal.folder)
        try #require(files.count == 1)
        let mode = try FileManager.default.attributesOfItem(atPath: "\(journal.folder)/\(files[0])")[.posixPermissions]
        #expect(mode as? Int == 0o600)
        // As the same address leads to the server itself now, the journal's addresses are moved along.
        let file = "\(journal.folder)/\(files[0])"
        let text = try String(contentsOfFile: file, encoding: .utf8)
        try text.replacing(":\(proxy.port)/", with: ":\(server.port)/").write(
          toFile: file, atomically: false, encoding: .utf8)
        let offsets = Locked<[Int64]>([])
        try await withClient(endpoints: endpoints(server.port)) { client in
          try await client.repository(name, port: 5000).upload(
            blob, resumable: journal,
            from: { offset in
              offsets.withLock { $0.append(offset) }
              return ByteStream(bytes, from: offset)
            })
        }
        #expect(offsets.withLock { $0.count == 1 && $0[0] > 4 << 20 })
        #expect(try FileManager.default.contentsOfDirectory(atPath: journal.folder) == [])
      }
    }
    #expect(try await fetch(blob) == bytes)
  }

  @Test("a journal that tells nonsense, or is for another blob, is passed over")
  func brokenJournal() async throws {
    let bytes = Sample.newBytes(2 << 20)
    let blob = try Descriptor(of: bytes)
    try await withTemporaryFolder { folder in
      let journal = UploadJournal(folder: folder)
      let host = try RegistryHost(parsing: "127.0.0.1:\(server.port)")
      let repository = try RepositoryName(parsing: name)
      for text in ["", "x", "a\nb\n", "\(host)/\(name)@\(blob.digest)\nhttp://127.0.0.1:\(server.port)/v2/x\n"] {
        var entry = await journal.entry(for: blob.digest, in: repository, at: host)
        let file = try #require(try FileManager.default.contentsOfDirectory(atPath: folder).first)
        try text.write(toFile: "\(folder)/\(file)", atomically: false, encoding: .utf8)
        _ = await entry?.place()
        entry = nil
        try await withClient { client in
          try await client.repository(name, port: server.port).upload(
            blob, resumable: journal, from: { ByteStream(bytes, from: $0) })
        }
      }
      let first = await journal.entry(for: blob.digest, in: repository, at: host)
      #expect(first != nil)
      #expect(await journal.entry(for: blob.digest, in: repository, at: host) == nil)
    }
    #expect(try await has(blob))
  }

  @Test("bytes that are wrong are never committed, and the upload is cancelled")
  func wrongSource() async throws {
    let bytes = Sample.newBytes(3 << 20)
    let blob = try Descriptor(of: bytes)
    var wrong = bytes
    wrong[2_000_000] ^= 1
    try await FaultyProxy.run(to: server.url) { [wrong] proxy in
      try await withClient { client in
        for source in [wrong, wrong + [0], wrong.dropLast(), [], Array(bytes.dropLast())] {
          let error = await #expect(throws: RegistryClientError.self) {
            try await client.repository(name, port: proxy.port).upload(blob, from: { ByteStream(source, from: $0) })
          }
          #expect(error?.code == .digestMismatch)
        }
      }
      #expect(proxy.exchanges.contains { $0.method == .DELETE })
      #expect(!proxy.exchanges.contains { $0.method == .PUT })
    }
    #expect(try await !has(blob))
  }

  @Test("nothing is committed before the source has said that its bytes are right, however late that is")
  func lateVerdict() async throws {
    let bytes = Sample.newBytes(3 << 20)
    let blob = try Descriptor(of: bytes)
    try await FaultyProxy.run(to: server.url) { proxy in
      try await withClient { client in
        let error = await #expect(throws: RegistryClientError.self) {
          try await client.repository(name, port: proxy.port).upload(
            blob,
            from: { offset in
              let sent = Locked(false)
              return ByteStream(
                AsyncThrowingStream<ByteBuffer, any Error> {
                  let isFirst = sent.withLock { sent in
                    defer { sent = true }
                    return !sent
                  }
                  if isFirst { return ByteBuffer(bytes: bytes[Int(offset)...]) }
                  // Meanwhile the registry answers that it has them all.
                  for _ in 0..<60 { await shortPause() }
                  throw RegistryClientError(.digestMismatch, "these are other bytes", host: "the source")
                }, verifying: blob.digest)
            })
        }
        #expect(error?.code == .digestMismatch)
      }
      #expect(proxy.exchanges.contains { $0.method == .PATCH })
      #expect(!proxy.exchanges.contains { $0.method == .PUT })
    }
    #expect(try await !has(blob))
  }

  @Test("bytes that change on their way to the registry are sent again", arguments: [500_000, 3 << 20])
  func corruptedOnTheWay(_ size: Int) async throws {
    let bytes = Sample.newBytes(size)
    let blob = try Descriptor(of: bytes)
    let corrupted = Locked(false)
    try await FaultyProxy.run(
      to: server.url,
      fault: { exchange in
        guard exchange.headers.first(name: "Content-Length").flatMap({ Int($0) }) ?? 0 > 0 else { return .none }
        return corrupted.withLock { corrupted in
          defer { corrupted = true }
          return corrupted ? .none : .corruptRequest(at: 1000)
        }
      }
    ) { proxy in
      try await withClient { client in
        try await client.repository(name, port: proxy.port).upload(blob, from: { ByteStream(bytes, from: $0) })
      }
    }
    #expect(try await fetch(blob) == bytes)
  }

  @Test("a copy through broken networks on both sides is right, and corrupted bytes begin it anew")
  func copy() async throws {
    let bytes = Sample.newBytes(24 << 20)
    let blob = try Descriptor(of: bytes)
    let source = LiveServer.newRepository()
    try await server.pushBlob(bytes, to: source)
    try await FaultyProxy.run(
      to: server.url,
      fault: { exchange in
        switch (exchange.method, exchange.earlier) {
        case (.GET, 0) where exchange.target.contains("sha256"): .corruptAnswer(at: 5_000_000)
        case (.GET, _) where exchange.target.contains("sha256"): .cutAnswer(after: 7 << 20)
        case (.PATCH, 2): .cutRequest(after: 3 << 20)
        default: .none
        }
      }
    ) { proxy in
      try await withClient { client in
        let from = try client.repository(source, port: proxy.port)
        try await client.repository(name, port: proxy.port).upload(blob, from: { try await from.blob(blob, from: $0) })
      }
    }
    #expect(try await fetch(blob) == bytes)
  }

  @Test("what the source fails with comes out as it is")
  func failingSource() async throws {
    struct Lost: Error {}
    let blob = try Descriptor(of: Sample.newBytes(2 << 20))
    try await withClient { client in
      await #expect(throws: Lost.self) {
        try await client.repository(name, port: server.port).upload(
          blob,
          from: { _ in
            ByteStream(
              AsyncThrowingStream { continuation in
                continuation.yield(ByteBuffer(repeating: 1, count: 1000))
                continuation.finish(throwing: Lost())
              })
          })
      }
    }
  }

  @Test("a source is read no faster than the registry takes it")
  func backPressure() async throws {
    let size = 32 << 20
    let pulled = Locked(0)
    let blob = try Descriptor(of: [UInt8](repeating: 7, count: size))
    let pipe = BufferPipe()
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        for _ in 0..<(size >> 16) {
          try await pipe.write(ByteBuffer(repeating: 7, count: 1 << 16))
          pulled.withLock { $0 += 1 << 16 }
        }
        pipe.end(.success(()))
      }
      var taken = 0
      for try await buffer in BufferPipe.Part(pipe: pipe, length: Int64(size)) {
        taken += buffer.readableBytes
        #expect(pulled.withLock { $0 } <= taken + 1 << 16)
      }
      #expect(taken == Int(blob.size))
      try await group.waitForAll()
    }
  }

  @Test("one pipe feeds requests of any lengths, one after the other", arguments: [1, 7, 999, 1000, 1001, 5000])
  func parts(_ length: Int64) async throws {
    let bytes = Sample.newBytes(5_000)
    let pipe = BufferPipe()
    let writing = Task {
      for start in stride(from: 0, to: bytes.count, by: 1000) {
        try await pipe.write(ByteBuffer(bytes: bytes[start..<start + 1000]))
      }
      pipe.end(.success(()))
    }
    var taken: [UInt8] = []
    while taken.count < bytes.count {
      let part = BufferPipe.Part(pipe: pipe, length: min(length, Int64(bytes.count - taken.count)))
      var count: Int64 = 0
      for try await buffer in part {
        taken += buffer.readableBytesView
        count += Int64(buffer.readableBytes)
      }
      #expect(count == part.length)
    }
    #expect(taken == bytes)
    try await writing.value
  }
}
