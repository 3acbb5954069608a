import HTTPTypes
import NIOCore
import NIOEmbedded
import NIOHTTP1
import NIOHTTPTypes
import NIOPosix
import Testing

@testable import Server

/// The codec and the handler, without a socket.
private struct Pipeline {
  let channel = EmbeddedChannel()

  init(_ configuration: TransportConfiguration = TransportConfiguration()) throws {
    try channel.pipeline.syncOperations.addHandlers([
      HTTPResponseEncoder(),
      ByteToMessageHandler(HTTPRequestDecoder()),
      ConnectionHandler(configuration: configuration, threadPool: .singleton, now: channel.embeddedEventLoop.now),
    ])
    try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
  }

  func receive(_ text: String) throws { try channel.writeInbound(ByteBuffer(string: text)) }

  /// The parts that the application has been given since it was last asked.
  func delivered() throws -> [String] {
    var parts: [String] = []
    while let part = try channel.readInbound(as: HTTPRequestPart.self) {
      switch part {
      case .head(let head): parts.append("\(head.method) \(head.path ?? "")")
      case .body(let buffer): parts.append(String(buffer: buffer))
      case .end: parts.append("end")
      }
    }
    return parts
  }

  func respond(_ fields: HTTPFields = [.contentLength: "0"]) throws {
    try channel.writeOutbound(HTTPResponsePart.head(HTTPResponse(status: .ok, headerFields: fields)))
    try channel.writeOutbound(HTTPResponsePart.end(nil))
  }

  func written() throws -> String {
    var text = ""
    while case .byteBuffer(let buffer)? = try channel.readOutbound(as: IOData.self) { text += String(buffer: buffer) }
    return text
  }
}

@Suite("Connection handler")
struct ConnectionHandlerTests {
  @Test("the application has one request at a time, however many arrive")
  func oneAtATime() throws {
    let pipeline = try Pipeline()
    try pipeline.receive(
      "GET /1 HTTP/1.1\r\nHost: a\r\n\r\nPUT /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nabGET /3 HTTP/1.1\r\n")
    #expect(try pipeline.delivered() == ["GET /1", "end"])
    try pipeline.respond()
    #expect(try pipeline.delivered() == ["PUT /2", "ab", "end"])
    try pipeline.receive("Host: a\r\n\r\n")
    #expect(try pipeline.delivered() == [])
    try pipeline.respond()
    #expect(try pipeline.delivered() == ["GET /3", "end"])
    try pipeline.respond()
    #expect(try pipeline.written() == String(repeating: "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", count: 3))
    #expect(pipeline.channel.isActive)
  }

  @Test("requests behind the last one of a connection are not given to the application")
  func nothingBehindTheLast() throws {
    let pipeline = try Pipeline()
    try pipeline.receive(
      "GET /1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n")
    #expect(try pipeline.delivered() == ["GET /1", "end"])
    try pipeline.respond()
    #expect(try pipeline.delivered() == [])
    #expect(try pipeline.written().contains("Connection: close\r\n"))
  }

  @Test("a target that is not a path becomes one")
  func targets() throws {
    let pipeline = try Pipeline()
    for (target, path) in [("/v2/?n=1", "/v2/?n=1"), ("http://a/v2/?n=1", "/v2/?n=1"), ("http://a", "/"), ("*", "*")] {
      try pipeline.receive("OPTIONS \(target) HTTP/1.1\r\nHost: a\r\n\r\n")
      #expect(try pipeline.delivered() == ["OPTIONS \(path)", "end"])
      try pipeline.respond()
    }
  }

  @Test("a connection that is lost in the middle of a body is an error to the application")
  func lost() throws {
    let pipeline = try Pipeline()
    try pipeline.receive("PUT /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc")
    pipeline.channel.pipeline.fireChannelInactive()
    #expect(throws: RequestBodyError.truncated) { try pipeline.channel.throwIfErrorCaught() }
  }

  @Test("a response to a request whose body has not come says that the connection closes")
  func early() throws {
    let pipeline = try Pipeline()
    try pipeline.receive("PUT /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc")
    #expect(try pipeline.delivered() == ["PUT /1", "abc"])
    try pipeline.respond()
    #expect(try pipeline.written().contains("Connection: close\r\n"))
    #expect(try pipeline.delivered() == [])
  }

  @Test("100 Continue is written when the body is accepted, and only then")
  func continues() throws {
    let pipeline = try Pipeline()
    try pipeline.receive("PUT /1 HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n")
    #expect(try pipeline.written().isEmpty)
    try pipeline.channel.triggerUserOutboundEvent(AcceptBody()).wait()
    try pipeline.channel.triggerUserOutboundEvent(AcceptBody()).wait()
    #expect(try pipeline.written() == "HTTP/1.1 100 Continue\r\n\r\n")
  }

  @Test("one timer closes a silent connection, and no other")
  func silence() throws {
    var configuration = TransportConfiguration()
    configuration.idleTimeout = .seconds(40)
    let pipeline = try Pipeline(configuration)
    for _ in 1...5 {
      pipeline.channel.embeddedEventLoop.advanceTime(by: .seconds(39))
      try pipeline.receive("GET /1 HTTP/1.1\r\nHost: a\r\n\r\n")
      try pipeline.respond()
    }
    pipeline.channel.embeddedEventLoop.advanceTime(by: .seconds(39))
    #expect(pipeline.channel.isActive)
    pipeline.channel.embeddedEventLoop.advanceTime(by: .seconds(1))
    #expect(!pipeline.channel.isActive)
  }

  @Test("a head that trickles is refused when its time is over")
  func tricklingHead() throws {
    let pipeline = try Pipeline()
    for character in "GET /1 HTTP/1.1\r\nX: aaaaaaaaaaaa" {
      try pipeline.receive(String(character))
      pipeline.channel.embeddedEventLoop.advanceTime(by: .seconds(2))
    }
    #expect(try pipeline.written().hasPrefix("HTTP/1.1 408 "))
  }

  @Test("a request that is being worked on is never too old")
  func working() throws {
    let pipeline = try Pipeline()
    try pipeline.receive("GET /1 HTTP/1.1\r\nHost: a\r\n\r\n")
    pipeline.channel.embeddedEventLoop.advanceTime(by: .hours(10))
    try pipeline.respond()
    #expect(try pipeline.written().hasPrefix("HTTP/1.1 200 "))
  }
}
