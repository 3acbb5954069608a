import HTTPTypes
import HummingbirdCore
import NIOCore
import TestSupport
import Testing

@testable import Server

@Suite("Certificates that change")
struct CertificateReloadTests {
  @Test("a new certificate is shown to new connections, and those that are open go on")
  func replaced() async throws {
    try await withTemporaryFolder { folder in
      let live = try LiveCertificate(in: folder)
      let watched = try await live.watched()
      try await withTransport(tls: watched) { _, writer, _ in
        try await writer.answer("here")
      } _: { port in
        let authority = live.authority.certificate
        try await TLSClient.talk(to: port, trusting: authority) { client in
          try await client.send("GET /a HTTP/1.1\r\nHost: a\r\n\r\n")
          _ = try await client.receiveResponse()
          let first = try await client.serverCertificate
          #expect(first != nil)

          try live.write(try live.authority.issue(name: "berth, renewed"))
          await watched.look()

          try await client.send("GET /a HTTP/1.1\r\nHost: a\r\n\r\n")
          #expect(try await client.receiveResponse().body == "here")
          #expect(try await Self.certificate(at: port, trusting: authority) != first)
        }
      }
    }
  }

  @Test("files that are no certificate and its key change nothing, until they are mended")
  func garbage() async throws {
    try await withTemporaryFolder { folder in
      let live = try LiveCertificate(in: folder)
      let watched = try await live.watched()
      let authority = live.authority.certificate
      try await withTransport(tls: watched) { _, writer, _ in
        try await writer.answer("here")
      } _: { port in
        let first = try await Self.certificate(at: port, trusting: authority)
        let (one, other) = (try live.authority.issue(), try live.authority.issue())
        for (certificate, key) in [("garbage", one.key), (one.certificate, ""), (one.certificate, other.key)] {
          try live.write(certificate, key)
          await watched.look()
          #expect(try await Self.certificate(at: port, trusting: authority) == first)
        }
        try live.write(one)
        await watched.look()
        #expect(try await Self.certificate(at: port, trusting: authority) != first)
      }
    }
  }

  @Test("a certificate and a key that cannot be used are told apart")
  func mistakes() throws {
    let authority = try TestAuthority()
    let (one, other) = (try authority.issue(), try authority.issue())
    func make(_ certificate: String, _ key: String) throws {
      _ = try ServerCertificate(certificate: Array(certificate.utf8), key: Array(key.utf8))
    }
    try make(one.certificate + authority.certificate, one.key)
    #expect(throws: CertificateError.notACertificate) { try make("", one.key) }
    #expect(throws: CertificateError.notACertificate) { try make(one.key, one.key) }
    #expect(throws: CertificateError.notAKey) { try make(one.certificate, one.certificate) }
    #expect(throws: CertificateError.mismatch) { try make(one.certificate, other.key) }
    #expect(throws: CertificateError.mismatch) { try make(authority.certificate + one.certificate, one.key) }
  }

  @Test("a server does not start with a certificate that it cannot use")
  func start() async throws {
    try await withTemporaryFolder { folder in
      let live = try LiveCertificate(in: folder)
      try live.write("garbage", "garbage")
      await #expect(throws: CertificateError.notACertificate) { try await live.watched() }
    }
  }

  /// The certificate that a new connection is shown.
  private static func certificate(at port: Int, trusting authority: String) async throws -> [UInt8]? {
    try await TLSClient.talk(to: port, trusting: authority) { client in
      try await client.send("GET /a HTTP/1.1\r\nHost: a\r\n\r\n")
      _ = try await client.receiveResponse()
      return try await client.serverCertificate
    }
  }
}
