import HTTPTypes
import HummingbirdCore
import NIOCore
import NIOPosix
import Testing

@testable import Server

/// A responder that answers with the size of the request body.
private let echoSize: RegistryChannel.Responder = { request, writer, channel in
  channel.acceptBody(of: request)
  let size = try await request.bodySize()
  try await writer.answer("\(request.method) \(request.uri.path) \(size)")
}

/// A responder that refuses without a look at the body.
private let refuseAll: RegistryChannel.Responder = { _, writer, _ in
  try await writer.answer("no", status: .unauthorized)
}

private let hostile = TransportConfiguration(
  maxHeaderSize: 8192, idleTimeout: .milliseconds(400), stallTimeout: .milliseconds(200),
  lingerTimeout: .milliseconds(400))

@Suite("Transport over a socket")
struct TransportLiveTests {
  @Test("a connection is used for one request after the other")
  func keepAlive() async throws {
    try await withTransport(responder: echoSize) { port in
      try await RawClient.talk(to: port) { client in
        for size in [0, 5, 0] {
          try client.send("PUT /a HTTP/1.1\r\nHost: a\r\nContent-Length: \(size)\r\n\r\n")
          try client.send([UInt8](repeating: 1, count: size))
          let response = try client.receiveResponse()
          #expect(response.head.hasPrefix("HTTP/1.1 200 OK\r\n"))
          #expect(!response.head.lowercased().contains("connection: close"))
          #expect(response.body == "PUT /a \(size)")
        }
      }
    }
  }

  @Test("requests in one packet are answered in order, the last even when the client has closed its side")
  func pipelining() async throws {
    try await withTransport(responder: echoSize) { port in
      try await RawClient.talk(to: port) { client in
        let requests = (0..<20).map { "PUT /\($0) HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc" }
        try client.send(requests.joined())
        client.closeOutput()
        for index in 0..<20 {
          #expect(try client.receiveResponse().body == "PUT /\(index) 3")
        }
        #expect(try client.receiveToEnd().isEmpty)
      }
    }
  }

  @Test("garbage behind a request is answered behind its response")
  func pipelinedGarbage() async throws {
    try await withTransport(responder: echoSize) { port in
      try await RawClient.talk(to: port) { client in
        try client.send("GET /a HTTP/1.1\r\nHost: a\r\n\r\n\u{1}\u{2}\u{3}\r\n\r\n")
        #expect(try client.receiveResponse().body == "GET /a 0")
        #expect(try client.receiveResponse().head.hasPrefix("HTTP/1.1 400 "))
        #expect(try client.receiveToEnd().isEmpty)
      }
    }
  }

  @Test("100 Continue is sent when the body is asked for")
  func continueAccepted() async throws {
    try await withTransport(responder: echoSize) { port in
      try await RawClient.talk(to: port) { client in
        try client.send("PUT /a HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\nContent-Length: 4\r\n\r\n")
        #expect(try client.receiveHead() == "HTTP/1.1 100 Continue\r\n\r\n")
        try client.send("abcd")
        let response = try client.receiveResponse()
        #expect(response.body == "PUT /a 4")
        #expect(!response.head.lowercased().contains("connection: close"))
        try client.send("GET /b HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try client.receiveResponse().body == "GET /b 0")
      }
    }
  }

  @Test("an upload that is refused is refused before 100 Continue")
  func continueRefused() async throws {
    try await withTransport(responder: refuseAll) { port in
      try await RawClient.talk(to: port) { client in
        try client.send("PUT /a HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n")
        let response = try client.receiveResponse()
        #expect(response.head.hasPrefix("HTTP/1.1 401 "))
        #expect(response.head.lowercased().contains("connection: close"))
        #expect(try client.receiveToEnd().isEmpty)
      }
    }
  }

  @Test("a huge upload that is refused leaves a readable response and few bytes read")
  func earlyReject() async throws {
    var configuration = TransportConfiguration()
    configuration.drainLimit = 128 << 10
    configuration.lingerTimeout = .milliseconds(500)
    try await withTransport(configuration, responder: refuseAll) { port in
      let (head, sent) = try await RawClient.talk(to: port) { client in
        try client.send("PUT /a HTTP/1.1\r\nHost: a\r\nContent-Length: 10000000000\r\n\r\n")
        let head = try client.receiveHead()
        // Only the sockets' own buffers take what the server does not read.
        var sent = 0
        let chunk = [UInt8](repeating: 7, count: 1 << 20)
        while sent < 256 << 20 {
          do { try client.send(chunk) } catch is RawClient.SystemError { break }
          sent += chunk.count
        }
        return (head, sent)
      }
      #expect(head.hasPrefix("HTTP/1.1 401 "))
      #expect(head.lowercased().contains("connection: close"))
      #expect(sent < 64 << 20)
    }
  }

  @Test(
    "a body that ends early ends the route's reading with an error",
    arguments: [
      ("Content-Length: 100\r\n\r\nabc", true), ("Content-Length: 100\r\n\r\n", true),
      ("Transfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n", true),
      ("Transfer-Encoding: chunked\r\n\r\n5\r\nabc", true),
      ("Transfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n0\r\n", true),
      ("Content-Length: 100\r\n\r\nabc", false), ("Transfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n", false),
    ])
  func truncatedBody(_ rest: String, orderly: Bool) async throws {
    let outcomes = Events<String>()
    let began = Events<Void>()
    try await withTransport { request, writer, _ in
      began.record(())
      do {
        outcomes.record("whole: \(try await request.bodySize())")
      } catch let error as RequestBodyError {
        outcomes.record("\(error)")
        throw error
      } catch {
        outcomes.record("not a RequestBodyError: \(error)")
      }
      try await writer.answer("taken")
    } _: { port in
      let response = try await RawClient.talk(to: port) { client -> String? in
        try client.send("PUT /a HTTP/1.1\r\nHost: a\r\n" + rest)
        if orderly {
          client.closeOutput()
          return try client.receiveToEnd()
        }
        // The request is with the route before the reset takes the rest away.
        waitFromThread { _ = await began.next() }
        client.reset()
        return nil
      }
      let outcome = try #require(await outcomes.next())
      #expect(!outcome.hasPrefix("whole"))
      if let response {
        #expect(outcome == "\(RequestBodyError.truncated)")
        #expect(response.hasPrefix("HTTP/1.1 400 "))
        #expect(response.contains("SIZE_INVALID"))
        #expect(!response.contains("taken"))
      }
    }
  }

  @Test("chunks that are not chunks are refused, and the body is not taken as whole")
  func malformedChunk() async throws {
    let outcomes = Events<String>()
    try await withTransport { request, writer, _ in
      do {
        outcomes.record("whole: \(try await request.bodySize())")
      } catch {
        outcomes.record("\(error)")
        throw error
      }
      try await writer.answer("taken")
    } _: { port in
      let response = try await RawClient.talk(to: port) { client in
        try client.send("PUT /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nzz\r\n")
        return try client.receiveToEnd()
      }
      #expect(response.hasPrefix("HTTP/1.1 400 "))
      #expect(response.contains(#"{"errors":[{"code":"SIZE_INVALID","message":""#))
      #expect(await outcomes.next() == "\(RequestBodyError.malformed)")
    }
  }

  @Test("what is not a request is refused in the specification's form", arguments: BadRequest.all)
  func refused(_ bad: BadRequest) async throws {
    var configuration = TransportConfiguration()
    configuration.maxHeaderSize = 8192
    try await withTransport(configuration, responder: echoSize) { port in
      let response = try await RawClient.talk(to: port) { client in
        try client.send(bad.bytes)
        return try client.receiveToEnd()
      }
      #expect(response.hasPrefix("HTTP/1.1 \(bad.status) "))
      #expect(response.contains("Content-Type: application/json\r\n"))
      #expect(response.contains("Docker-Distribution-Api-Version: registry/2.0\r\n"))
      #expect(response.contains("Connection: close\r\n"))
      #expect(response.contains(#"{"errors":[{"code":""#))
    }
  }

  @Test("a request target that is too long is refused as such")
  func longTarget() async throws {
    try await withTransport(responder: echoSize) { port in
      let response = try await RawClient.talk(to: port) { client in
        try client.send("GET /" + String(repeating: "x", count: 9000) + " HTTP/1.1\r\nHost: a\r\n\r\n")
        return try client.receiveToEnd()
      }
      #expect(response.hasPrefix("HTTP/1.1 414 "))
    }
  }

  @Test("HTTP/1.0 clients are answered in HTTP/1.0, and kept only when they ask for it")
  func http10() async throws {
    try await withTransport { request, writer, _ in
      if request.uri.path == "/stream" {
        var body = try await writer.writeHead(HTTPResponse(status: .ok))
        try await body.write(ByteBuffer(string: "streamed"))
        try await body.finish(nil)
      } else {
        try await writer.answer("whole")
      }
    } _: { port in
      try await RawClient.talk(to: port) { client in
        try client.send("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        let response = try client.receiveResponse()
        #expect(response.head.hasPrefix("HTTP/1.0 200 OK\r\n"))
        #expect(response.head.contains("Connection: keep-alive\r\n"))
        try client.send("GET /stream HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        let rest = try client.receiveToEnd()
        #expect(rest.contains("Connection: close\r\n\r\nstreamed"))
        #expect(!rest.lowercased().contains("chunked"))
      }
    }
  }

  @Test("a request to change the protocol is answered, and is the last of its connection")
  func upgrade() async throws {
    try await withTransport(responder: echoSize) { port in
      let response = try await RawClient.talk(to: port) { client in
        try client.send("GET /a HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n")
        return try client.receiveToEnd()
      }
      #expect(response.hasPrefix("HTTP/1.1 200 OK\r\n"))
      #expect(response.contains("Connection: close\r\n"))
    }
  }

  @Test("the responses to HEAD and of 204 have no body, whatever the route writes")
  func bodyless() async throws {
    try await withTransport { request, writer, _ in
      if request.method == .head {
        var body = try await writer.writeHead(HTTPResponse(status: .ok))
        try await body.write(ByteBuffer(string: "not to be seen"))
        try await body.finish(nil)
      } else {
        try await writer.writeResponse(HTTPResponse(status: .noContent, headerFields: [.contentLength: "0"]))
      }
    } _: { port in
      try await RawClient.talk(to: port) { client in
        try client.send("HEAD /a HTTP/1.1\r\nHost: a\r\n\r\nDELETE /a HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try client.receiveHead() == "HTTP/1.1 200 OK\r\n\r\n")
        #expect(try client.receiveHead() == "HTTP/1.1 204 No Content\r\n\r\n")
      }
    }
  }

  @Test("a request head that does not come whole is answered with 408")
  func stalledHead() async throws {
    try await withTransport(hostile, responder: echoSize) { port in
      let response = try await RawClient.talk(to: port) { client in
        try client.send("GET /a HTTP/1.1\r\nHost")
        return try client.receiveToEnd()
      }
      #expect(response.hasPrefix("HTTP/1.1 408 "))
    }
  }

  @Test("a request body that stops is answered with 408, and the route is told")
  func stalledBody() async throws {
    let outcomes = Events<String>()
    try await withTransport(hostile) { request, writer, _ in
      do { outcomes.record("\(try await request.bodySize())") } catch { outcomes.record("\(error)") }
      try await writer.answer("taken")
    } _: { port in
      let response = try await RawClient.talk(to: port) { client in
        try client.send("PUT /a HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nabc")
        return try client.receiveToEnd()
      }
      #expect(response.hasPrefix("HTTP/1.1 408 "))
      #expect(await outcomes.next() == "\(RequestBodyError.stalled)")
    }
  }

  @Test(
    "a connection without requests is closed, without a word", arguments: ["", "GET /a HTTP/1.1\r\nHost: a\r\n\r\n"])
  func idle(_ before: String) async throws {
    try await withTransport(hostile, responder: echoSize) { port in
      try await RawClient.talk(to: port) { client in
        if !before.isEmpty {
          try client.send(before)
          #expect(try client.receiveResponse().body == "GET /a 0")
        }
        #expect(try client.receiveToEnd().isEmpty)
      }
    }
  }

  @Test("a client that does not take its response is let go")
  func stalledResponse() async throws {
    let outcomes = Events<String>()
    try await withTransport(hostile) { _, writer, _ in
      do {
        var body = try await writer.writeHead(HTTPResponse(status: .ok))
        let buffer = ByteBuffer(repeating: 1, count: 1 << 20)
        while true { try await body.write(buffer) }
      } catch {
        outcomes.record("let go")
        throw error
      }
    } _: { port in
      let outcome = try await RawClient.talk(to: port, receiveBuffer: 4096) { client in
        try client.send("GET /a HTTP/1.1\r\nHost: a\r\n\r\n")
        waitFromThread { _ = await outcomes.next() }
        return "let go"
      }
      #expect(outcome == "let go")
    }
  }

  @Test("shutting down closes idle connections and lets a request finish")
  func shutdown() async throws {
    let began = Events<Void>()
    let idled = Events<Void>()
    let proceed = Events<Void>()
    // With one event loop, all connections have been told by the time that one of them is seen to close.
    let loop = MultiThreadedEventLoopGroup.singleton.any()
    try await withServer(eventLoopGroup: loop) { request, writer, _ in
      if request.uri.path == "/slow" {
        began.record(())
        _ = await proceed.next()
      }
      try await writer.answer("done")
    } _: { port, server in
      async let idle = RawClient.talk(to: port) { client in
        try client.send("GET /a HTTP/1.1\r\nHost: a\r\n\r\n")
        let first = try client.receiveResponse().body
        idled.record(())
        return first + (try client.receiveToEnd())
      }
      async let busy = RawClient.talk(to: port) { client in
        try client.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
        return try client.receiveToEnd()
      }
      _ = await idled.next()
      _ = await began.next()
      async let shutdown: Void = server.shutdownGracefully()
      #expect(try await idle == "done")
      proceed.record(())
      let response = try await busy
      #expect(response.contains("Connection: close\r\n"))
      #expect(response.hasSuffix("done"))
      try await shutdown
    }
  }
}
