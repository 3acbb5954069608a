import Glibc
import HTTPTypes
import HummingbirdCore
import NIOCore
import NIOSSL
import TestSupport
import Testing

@testable import Server

/// A responder that answers with the scheme and the size of the request body.
private let echoSize: RegistryChannel.Responder = { request, writer, channel in
  channel.acceptBody(of: request)
  let size = try await request.bodySize()
  try await writer.answer("\(request.head.scheme ?? "") \(request.method) \(request.uri.path) \(size)")
}

@Suite("Transport over TLS")
struct TLSTransportTests {
  @Test("a connection is used for one request after the other, and their scheme is https")
  func keepAlive() async throws {
    try await withTLS(responder: echoSize) { port, authority in
      try await TLSClient.talk(to: port, trusting: authority) { client in
        for size in [0, 5, 100_000] {
          try await client.send(
            "PUT /a HTTP/1.1\r\nHost: a\r\nContent-Length: \(size)\r\n\r\n" + String(repeating: "a", count: size))
          let response = try await client.receiveResponse()
          #expect(response.head.hasPrefix("HTTP/1.1 200 OK\r\n"))
          #expect(response.body == "https PUT /a \(size)")
        }
      }
    }
  }

  @Test("a response that ends the connection arrives whole, and TLS is ended in order")
  func lastResponse() async throws {
    try await withTLS(responder: echoSize) { port, authority in
      let received = try await TLSClient.talk(to: port, trusting: authority) { client in
        try await client.send("GET /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        return try await client.receiveToEnd()
      }
      #expect(String(decoding: received, as: UTF8.self).hasSuffix("https GET /a 0"))
    }
  }

  @Test("a client without TLS is told so, and where to go", arguments: ["GET / HTTP/1.1", "put /a HTTP/1.1"])
  func plainRequest(_ line: String) async throws {
    try await withTLS(responder: echoSize) { port, _ in
      let answer = try await RawClient.talk(to: port) { client in
        try client.send("\(line)\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc")
        return try client.receiveToEnd()
      }
      #expect(answer.hasPrefix("HTTP/1.1 400 Bad Request\r\n"))
      #expect(answer.contains("this port speaks TLS, and the request came without it; use https://"))
    }
  }

  @Test("what is neither TLS nor a request ends the connection")
  func garbage() async throws {
    try await withTLS(responder: echoSize) { port, _ in
      let answer = try await RawClient.talk(to: port) { client in
        try client.send([0x16, 0x03, 0x01, 0x00, 0x04, 0xff, 0xff, 0xff, 0xff])
        return try client.receiveBytesToEnd()
      }
      // At most an alert.
      #expect(answer.isEmpty || answer.first == 0x15)
    }
  }

  @Test(
    "a client that does not finish the handshake is let go when its time is over",
    arguments: [[], [0x16], [0x16, 0x03, 0x01, 0x02, 0x00, 0x01]] as [[UInt8]])
  func silence(_ bytes: [UInt8]) async throws {
    var configuration = TransportConfiguration()
    configuration.idleTimeout = .milliseconds(300)
    try await withTLS(configuration, responder: echoSize) { port, _ in
      _ = try await RawClient.talk(to: port) { client in
        try client.send(bytes)
        // Where the bytes come when the time is over already, nobody reads them, and the end is a reset.
        do { _ = try client.receiveBytesToEnd() } catch let error as RawClient.SystemError
          where error.code == ECONNRESET
        {}
      }
    }
  }

  @Test("versions before TLS 1.2 are refused, those since are not")
  func versions() async throws {
    try await withTLS(responder: echoSize) { port, authority in
      for version in [TLSVersion.tlsv12, .tlsv13] {
        let response = try await TLSClient.talk(to: port, trusting: authority) {
          ($0.minimumTLSVersion, $0.maximumTLSVersion) = (version, version)
        } _: { client in
          try await client.send("GET /a HTTP/1.1\r\nHost: a\r\n\r\n")
          return try await client.receiveResponse()
        }
        #expect(response.body == "https GET /a 0")
      }
      await #expect(throws: (any Error).self) {
        try await TLSClient.talk(to: port, trusting: authority) {
          ($0.minimumTLSVersion, $0.maximumTLSVersion) = (.tlsv1, .tlsv11)
        } _: { client in
          try await client.send("GET /a HTTP/1.1\r\nHost: a\r\n\r\n")
          _ = try await client.receiveResponse()
        }
      }
    }
  }

  @Test("a client that breaks off a body without ending TLS is an error to the route, once")
  func uncleanEnd() async throws {
    let outcomes = Events<String>()
    try await withTLS { request, writer, channel in
      channel.acceptBody(of: request)
      do { _ = try await request.bodySize() } catch { outcomes.record("\(error)") }
      try await writer.answer("read")
    } _: { port, authority in
      try await TLSClient.talk(to: port, trusting: authority) { client in
        try await client.send("PUT /a HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n")
        _ = try await client.receiveHead()
        try await client.send("abc")
        try await client.abandon()
      }
      #expect(await outcomes.next() == "\(RequestBodyError.truncated)")
    }
  }

  @Test("shutting down closes idle connections and lets a request finish")
  func shutdown() async throws {
    let began = Events<Void>()
    let proceed = Events<Void>()
    try await withTemporaryFolder { folder in
      let live = try LiveCertificate(in: folder)
      let authority = live.authority.certificate
      try await withServer(tls: try await live.watched()) { request, writer, _ in
        if request.uri.path == "/slow" {
          began.record(())
          _ = await proceed.next()
        }
        try await writer.answer("done")
      } _: { port, server in
        try await TLSClient.talk(to: port, trusting: authority) { idle in
          try await idle.send("GET /a HTTP/1.1\r\nHost: a\r\n\r\n")
          #expect(try await idle.receiveResponse().body == "done")
          try await TLSClient.talk(to: port, trusting: authority) { busy in
            try await busy.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
            _ = await began.next()
            async let shutdown: Void = server.shutdownGracefully()
            #expect(try await idle.receiveToEnd().isEmpty)
            proceed.record(())
            let response = String(decoding: try await busy.receiveToEnd(), as: UTF8.self)
            #expect(response.hasSuffix("done"))
            try await shutdown
          }
        }
      }
    }
  }
}
