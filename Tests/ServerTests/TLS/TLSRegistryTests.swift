import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOSSL
import OCI
import TestSupport
import Testing

@testable import Server

@Suite("A registry with TLS")
struct TLSRegistryTests {
  @Test("takes and gives blobs of every size byte for byte, and parts of them")
  func blobs() async throws {
    try await Self.run { url, client in
      for size in [0, 10, 64 << 10, (64 << 10) + 1, 20 << 20] {
        let bytes = Sample.newBytes(size)
        let digest = Digest.of(bytes)
        var push = HTTPClientRequest(url: "\(url)/v2/a/blobs/uploads/?digest=\(digest)")
        push.method = .POST
        push.body = .bytes(bytes)
        #expect(try await client.execute(push, timeout: .seconds(60)).status == .created)

        var pull = HTTPClientRequest(url: "\(url)/v2/a/blobs/\(digest)")
        let whole = try await client.execute(pull, timeout: .seconds(60))
        #expect(try await Array(buffer: whole.body.collect(upTo: 1 << 30)) == bytes)
        guard size > 9 else { continue }
        pull.headers.add(name: "Range", value: "bytes=3-\(size - 3)")
        let part = try await client.execute(pull, timeout: .seconds(60))
        #expect(part.status == .partialContent)
        #expect(try await Array(buffer: part.body.collect(upTo: 1 << 30)) == Array(bytes[3...(size - 3)]))
      }
    }
  }

  @Test("takes a blob whose length is not said")
  func streamed() async throws {
    try await Self.run { url, client in
      var begin = HTTPClientRequest(url: "\(url)/v2/a/blobs/uploads/")
      begin.method = .POST
      let location = try #require(
        try await client.execute(begin, timeout: .seconds(60)).headers.first(name: "Location"))
      let bytes = Sample.newBytes(5 << 20)
      var put = HTTPClientRequest(
        url: (location.hasPrefix("/") ? url + location : location) + "?digest=\(Digest.of(bytes))")
      put.method = .PUT
      let (buffers, source) = AsyncStream.makeStream(of: ByteBuffer.self)
      for start in stride(from: 0, to: bytes.count, by: 100_000) {
        source.yield(ByteBuffer(bytes: bytes[start..<min(start + 100_000, bytes.count)]))
      }
      source.finish()
      put.body = .stream(buffers, length: .unknown)
      #expect(try await client.execute(put, timeout: .seconds(60)).status == .created)
    }
  }

  /// Serves with TLS, with a client that trusts the certificate.
  private static func run(_ body: (_ url: String, _ client: HTTPClient) async throws -> Void) async throws {
    try await withTemporaryFolder { folder in
      let live = try LiveCertificate(in: folder)
      var tls = TLSConfiguration.makeClientConfiguration()
      tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(Array(live.authority.certificate.utf8)))
      let client = HTTPClient(configuration: HTTPClient.Configuration(tlsConfiguration: tls))
      let result = await Result {
        try await LiveServer.run { settings in
          settings.tlsCertificate = live.certificatePath
          settings.tlsKey = live.keyPath
        } _: { server in
          try await body("https://localhost:\(server.port)", client)
        }
      }
      try await client.shutdown()
      try result.get()
    }
  }
}

extension Result where Failure == any Error {
  /// What an asynchronous body makes.
  fileprivate init(catching body: () async throws -> Success) async {
    do { self = .success(try await body()) } catch { self = .failure(error) }
  }
}
