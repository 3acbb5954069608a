import Locks
import NIOCore
import NIOHTTP1
import OCI
import TestSupport
import Testing

@testable import RegistryClient

@Suite("Downloads", .liveServer)
struct DownloadTests {
  private let server = LiveServer.current
  private static let size = 64 << 20
  private static let large = Sample.bytes(size, seed: 4711)

  private func push(_ bytes: [UInt8]) async throws -> (String, Descriptor) {
    let repository = LiveServer.newRepository()
    try await server.pushBlob(bytes, to: repository)
    return (repository, try Descriptor(of: bytes))
  }

  @Test("a blob arrives whole through connections that break, and hardly a byte comes twice")
  func cuts() async throws {
    let (name, blob) = try await push(Self.large)
    try await FaultyProxy.run(
      to: server.url,
      fault: { exchange in
        guard exchange.target.contains("/blobs/") else { return .none }
        switch exchange.earlier % 4 {
        case 0: return .cutAnswer(after: 9 << 20)
        case 1: return .status(503)
        case 2: return .cut
        default: return .cutAnswer(after: 11 << 20)
        }
      }
    ) { proxy in
      try await withClient { client in
        let stream = try await client.repository(name, port: proxy.port).blob(blob)
        #expect(try await stream.bytes() == Self.large)
      }
      #expect(proxy.answeredBytes < Self.size + Self.size / 10)
      #expect(proxy.exchanges.dropFirst(2).allSatisfy { $0.headers.contains(name: "Range") })
    }
  }

  @Test("an answer in which nothing comes any more is given up, and the rest asked for")
  func stall() async throws {
    let bytes = Sample.newBytes(3 << 20)
    let (name, blob) = try await push(bytes)
    try await FaultyProxy.run(to: server.url, fault: { $0.earlier == 0 ? .stallAnswer(after: 1 << 20) : .none }) {
      proxy in
      var patience = HTTPConnections.Patience()
      patience.reading = .seconds(15)
      try await withClient(patience: patience) { client in
        let received = try await client.repository(name, port: proxy.port).blob(blob).bytes()
        #expect(received == bytes)
      }
    }
  }

  @Test("a server that does not know ranges gives everything again, and what is known is passed over")
  func noRanges() async throws {
    let bytes = Sample.newBytes(3 << 20)
    let (name, blob) = try await push(bytes)
    try await FaultyProxy.run(
      to: server.url,
      fault: { exchange in
        exchange.earlier == 0 ? .cutAnswer(after: 1 << 20) : .withoutRequestHeader("Range")
      }
    ) { proxy in
      try await withClient { client in
        let received = try await client.repository(name, port: proxy.port).blob(blob).bytes()
        #expect(received == bytes)
        let rest = try await client.repository(name, port: proxy.port).blob(blob, from: 99).bytes()
        #expect(rest == bytes[99...].map(\.self))
      }
    }
  }

  @Test("wrong bytes are an error in place of the end")
  func corrupted() async throws {
    let bytes = Sample.newBytes(2 << 20)
    let (name, blob) = try await push(bytes)
    try await FaultyProxy.run(to: server.url, fault: { _ in .corruptAnswer(at: 1_000_000) }) { proxy in
      try await withClient { client in
        let stream = try await client.repository(name, port: proxy.port).blob(blob)
        let received = Locked(0)
        let error = await #expect(throws: RegistryClientError.self) {
          for try await buffer in stream { received.withLock { $0 += buffer.readableBytes } }
        }
        #expect(error?.code == .digestMismatch)
        #expect(received.withLock { $0 } == bytes.count)
      }
    }
  }

  @Test("attempts without a byte of progress are bounded, and each waits longer")
  func noProgress() async throws {
    let bytes = Sample.newBytes(2 << 20)
    let (name, blob) = try await push(bytes)
    let time = FakeTime()
    try await FaultyProxy.run(
      to: server.url,
      fault: { exchange in
        exchange.earlier == 0 ? .cutAnswer(after: 1 << 20) : .cut
      }
    ) { proxy in
      try await withClient(time: time, retries: RetryPolicy(attempts: 4, firstDelay: .seconds(1))) { client in
        let stream = try await client.repository(name, port: proxy.port).blob(blob)
        let error = await #expect(throws: RegistryClientError.self) { _ = try await stream.bytes() }
        #expect(error?.code == .unavailable)
      }
      #expect(proxy.exchanges.count == 5)
      #expect(time.pauses.count == 3 && time.pauses == time.pauses.sorted())
    }
  }

  @Test("a blob that is longer or shorter than its descriptor is refused, and never more bytes are given")
  func wrongSize() async throws {
    let bytes = Sample.newBytes(200_000)
    let (name, blob) = try await push(bytes)
    try await withClient { client in
      let repository = try client.repository(name, port: server.port)
      for size in [blob.size - 1, blob.size + 1] {
        let wrong = Descriptor(mediaType: blob.mediaType, digest: blob.digest, size: size)
        let error = await #expect(throws: RegistryClientError.self) { _ = try await repository.blob(wrong).bytes() }
        #expect(error?.code == .digestMismatch)
      }
    }
  }

  @Test("what is not read is not fetched: a reader that stops holds a bounded number of bytes")
  func backPressure() async throws {
    let (name, blob) = try await push(Self.large)
    try await FaultyProxy.run(to: server.url) { proxy in
      try await withClient { client in
        let stream = try await client.repository(name, port: proxy.port).blob(blob)
        var reader = stream.makeAsyncIterator()
        var read = 0
        while read < 1 << 20, let buffer = try await reader.next() { read += buffer.readableBytes }
        // What the sockets hold is the system's; the proxy cannot have got rid of more than that.
        #expect(proxy.answeredBytes < Self.size / 2)
        while let buffer = try await reader.next() { read += buffer.readableBytes }
        #expect(read == Self.size)
      }
    }
  }

  @Test("a redirect to another origin is followed without the credentials")
  func redirect() async throws {
    let bytes = Sample.newBytes(1000)
    let blob = try Descriptor(of: bytes)
    try await ScriptedServer.run(answering: { _ in .init(200, body: bytes) }) { storage in
      try await ScriptedServer.run(answering: { request in
        request.target.hasSuffix("second")
          ? .init(307, [("Location", "http://127.0.0.1:\(storage.port)/signed?x=1")])
          : .init(307, [("Location", "/v2/second")])
      }) { registry in
        try await withClient(.registryToken("secret")) { client in
          let received = try await client.repository("a/b", port: registry.port).blob(blob).bytes()
          #expect(received == bytes)
        }
        #expect(registry.requests.suffix(2).map { $0["Authorization"] } == ["Bearer secret", "Bearer secret"])
        #expect(storage.requests.map(\.target) == ["/signed?x=1"])
        #expect(storage.requests.allSatisfy { $0["Authorization"] == nil })
      }
    }
  }

  @Test("redirects that do not end are an error")
  func redirectLoop() async throws {
    try await ScriptedServer.run(answering: { .init(302, [("Location", $0.target)]) }) { server in
      try await withClient { client in
        let error = await #expect(throws: RegistryClientError.self) {
          _ = try await client.repository("a/b", port: server.port).blob(try Descriptor(of: [1, 2]))
        }
        #expect(error?.code == .invalidAnswer)
      }
      #expect(server.requests.count == 11)
    }
  }

  @Test("a mirror that lies, lacks the blob or is down is followed by the registry")
  func mirrors() async throws {
    let bytes = Sample.newBytes(500_000)
    let (name, blob) = try await push(bytes)
    try await ScriptedServer.run(answering: { request in
      request.target.contains("/manifests/") ? .init(200, body: Array("{}".utf8)) : .init(404)
    }) { mirror in
      let endpoints = TestEndpoints(endpoints: [
        RegistryEndpoint(
          scheme: .http, host: "127.0.0.1:\(mirror.port)", rewriting: .init(from: "", to: "hub"), isMirror: true),
        RegistryEndpoint(scheme: .http, host: "127.0.0.1:1", isMirror: true),
        RegistryEndpoint(scheme: .http, host: "127.0.0.1:\(server.port)"),
      ])
      try await withClient(endpoints: endpoints) { client in
        let repository = try client.repository(name, port: server.port)
        #expect(try await repository.blob(blob).bytes() == bytes)
        let image = try await server.pushImage(to: name, as: "v1")
        #expect(try await repository.manifest(.digest(image.digest))?.bytes == image.bytes)
        #expect(mirror.requests.allSatisfy { $0.target.hasPrefix("/v2/hub/\(name)/") })
        try await repository.upload(try Descriptor(of: [1, 2, 3]), from: { ByteStream([1, 2, 3], from: $0) })
        #expect(mirror.requests.allSatisfy { $0.method == .GET })
      }
    }
  }
}
