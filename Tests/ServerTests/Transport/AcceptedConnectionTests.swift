import NIOCore
import NIOEmbedded
import Testing

@testable import Server

@Suite("Accepted connections")
struct AcceptedConnectionTests {
  private typealias Connection = AcceptedConnection<ByteBuffer, ByteBuffer>

  @Test("one that nobody serves is closed, and ends nothing else")
  func closesUnserved() async throws {
    let channel = NIOAsyncTestingChannel()
    try await channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1))
    try await channel.testingEventLoop.executeInContext { _ = try Connection(channel) }
    try await channel.closeFuture.get()
  }

  @Test("one that was taken is open for as long as it is served")
  func servesTaken() async throws {
    let channel = NIOAsyncTestingChannel()
    try await channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1))
    let taken = try await channel.testingEventLoop.executeInContext { try Connection(channel).take() }
    try await taken.executeThenClose { inbound, outbound in
      try await channel.writeInbound(ByteBuffer(string: "question"))
      var questions = inbound.makeAsyncIterator()
      #expect(try await questions.next() == ByteBuffer(string: "question"))
      try await outbound.write(ByteBuffer(string: "answer"))
      #expect(try await channel.waitForOutboundWrite(as: ByteBuffer.self) == ByteBuffer(string: "answer"))
    }
    #expect(!channel.isActive)
  }
}
