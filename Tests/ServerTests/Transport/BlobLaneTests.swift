import Foundation
import HTTPTypes
import HummingbirdCore
import NIOCore
import NIOPosix
import Testing

@testable import Server

@Suite("Blob lane")
struct BlobLaneTests {
  @Test(
    "a file and its ranges arrive byte for byte, one after the other on one connection",
    arguments: ["in memory", "on disk"])
  func exact(_ place: String) async throws {
    let size = 64 << 20
    let file = try SampleFile(size: size)
    let ranges = [
      0..<size, 0..<1, size - 1..<size, 5..<5, 1_048_575..<1_048_577, 1_000_001..<9_999_999, size - 3_000_000..<size,
    ]
    try await withTransport(responder: sendParts(of: file.path)) { port in
      try await RawClient.talk(to: port) { client in
        for range in ranges {
          if place == "on disk" { try file.evict() }
          try client.send("GET /\(range.lowerBound)/\(range.count) HTTP/1.1\r\nHost: a\r\n\r\n")
          let head = try client.receiveHead()
          #expect(head.contains("Content-Length: \(range.count)\r\n"))
          let isExact = try Data(client.receive(count: range.count)) == file.content.subdata(in: range)
          #expect(isExact, "the bytes of \(range) are others")
        }
      }
    }
  }

  @Test("a client that goes away in the middle ends the sending with an error", arguments: ["in memory", "on disk"])
  func clientGoes(_ place: String) async throws {
    let file = try SampleFile(size: 64 << 20)
    if place == "on disk" { try file.evict() }
    let outcomes = Events<Result<Void, any Error>>()
    try await withTransport(responder: sendParts(of: file.path, outcomes: outcomes)) { port in
      try await RawClient.talk(to: port, receiveBuffer: 4096) { client in
        try client.send("GET /0/\(64 << 20) HTTP/1.1\r\nHost: a\r\n\r\n")
        _ = try client.receiveHead()
      }
      let outcome = try #require(await outcomes.next())
      #expect(throws: (any Error).self) { try outcome.get() }
    }
  }

  @Test("a file that is shorter than what was to be sent ends the connection and the sending")
  func tooShort() async throws {
    let file = try SampleFile(size: 3 << 20)
    let outcomes = Events<Result<Void, any Error>>()
    try await withTransport(responder: sendParts(of: file.path, outcomes: outcomes)) { port in
      let body = try await RawClient.talk(to: port) { client in
        try client.send("GET /0/\(8 << 20) HTTP/1.1\r\nHost: a\r\n\r\n")
        _ = try client.receiveHead()
        return try client.receiveBytesToEnd().count
      }
      #expect(body < 8 << 20)
      let outcome = try #require(await outcomes.next())
      #expect(throws: FileTransferError.fileTooShort(expected: 4 << 20)) { try outcome.get() }
    }
  }

  @Test("a file that is cut while a client is slow ends the connection instead of turning in circles")
  func cutUnderneath() async throws {
    let file = try SampleFile(size: 64 << 20)
    let path = file.path
    let outcomes = Events<Result<Void, any Error>>()
    var configuration = TransportConfiguration()
    // The connection is looked at every quarter of this; as long as nothing is sent, it counts as stalled later.
    configuration.idleTimeout = .milliseconds(400)
    try await withTransport(configuration, responder: sendParts(of: path, outcomes: outcomes)) { port in
      try await RawClient.talk(to: port, receiveBuffer: 4096) { client in
        try client.send("GET /0/\(64 << 20) HTTP/1.1\r\nHost: a\r\n\r\n")
        _ = try client.receiveHead()
        #expect(truncate(path, 1 << 10) == 0)
        waitFromThread {
          guard case .failure(let error as FileTransferError) = await outcomes.next() else {
            Issue.record("the sending did not fail with a FileTransferError")
            return
          }
          #expect("\(error)".hasPrefix("the file ends before byte"))
        }
      }
    }
  }

  @Test("a file cannot be sent before the head of a response")
  func noHead() async throws {
    let file = try SampleFile(size: 10)
    let path = file.path
    try await withTransport { _, writer, channel in
      let handle = try openFile(path)
      defer { try? handle.close() }
      var outcome = "sent"
      do { try await channel.sendFile(handle, from: 0, count: 10) } catch { outcome = "\(error)" }
      try await writer.answer(outcome)
    } _: { port in
      let response = try await RawClient.talk(to: port) { client in
        try client.send("GET /a HTTP/1.1\r\nHost: a\r\n\r\n")
        return try client.receiveResponse()
      }
      #expect(response.body == "\(FileTransferError.noResponse)")
    }
  }

  @Test("reading ahead stays a window in front of what is sent, in large pieces, and never behind it")
  func readAhead() throws {
    let loop = MultiThreadedEventLoopGroup.singleton.any()
    let file = try SampleFile(size: 1)
    let handle = try openFile(file.path)
    defer { try? handle.close() }
    let promise = loop.makePromise(of: Void.self)
    promise.succeed()
    let size: Int64 = 10 << 20
    var transfer = try FileTransfer(SendFile(handle: handle, offset: 0, count: size), lane: .kernel, promise: promise)
    let first = try #require(transfer.nextSlice)
    #expect(transfer.nextPrefetch(after: first) == nil, "all was in memory so far")

    transfer.prefetchedEnd = FileTransfer.window
    #expect(transfer.nextPrefetch(after: first) == nil)
    transfer.advance(past: first)
    let second = try #require(transfer.nextSlice)
    #expect(transfer.nextPrefetch(after: second) == FileTransfer.window..<second.upperBound + FileTransfer.window)

    transfer.isBusy = true
    #expect(transfer.nextPrefetch(after: second) == nil)
    transfer.isBusy = false
    transfer.prefetchedEnd = size
    #expect(transfer.nextPrefetch(after: second) == nil)
  }
}
