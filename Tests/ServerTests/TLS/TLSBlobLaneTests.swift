import Foundation
import HTTPTypes
import HummingbirdCore
import NIOCore
import TestSupport
import Testing

@testable import Server

@Suite("Blob lane over TLS")
struct TLSBlobLaneTests {
  @Test(
    "a file and its ranges arrive byte for byte, one after the other on one connection",
    arguments: ["in memory", "on disk"])
  func exact(_ place: String) async throws {
    let size = 16 << 20
    let slice = Int(FileLane.memory.sliceSize)
    let file = try SampleFile(size: size)
    let ranges = [
      0..<size, 0..<1, size - 1..<size, 5..<5, slice - 1..<slice + 1, 0..<slice, slice..<3 * slice,
      1_000_001..<9_999_999,
    ]
    try await withTLS(responder: sendParts(of: file.path)) { port, authority in
      try await TLSClient.talk(to: port, trusting: authority) { client in
        for range in ranges {
          if place == "on disk" { try file.evict() }
          try await client.send("GET /\(range.lowerBound)/\(range.count) HTTP/1.1\r\nHost: a\r\n\r\n")
          let head = try await client.receiveHead()
          #expect(head.contains("Content-Length: \(range.count)\r\n"))
          let isExact = try await Data(client.receive(count: range.count)) == file.content.subdata(in: range)
          #expect(isExact, "the bytes of \(range) are others")
        }
      }
    }
  }

  @Test("a file is read no faster than its client takes it, and one that is cut meanwhile ends the connection")
  func slowClient() async throws {
    let size = 256 << 20
    let file = try SampleFile(size: 1 << 20)
    let path = file.path
    try #require(truncate(path, off_t(size)) == 0)
    let outcomes = Events<Result<Void, any Error>>()
    var configuration = TransportConfiguration()
    // The connection is looked at every quarter of this; as long as nothing is sent, it counts as stalled later.
    configuration.idleTimeout = .seconds(6)
    try await withTLS(configuration, responder: sendParts(of: path, outcomes: outcomes)) { port, authority in
      try await TLSClient.talk(to: port, trusting: authority, receiveBuffer: 4096) { client in
        try await client.send("GET /0/\(size) HTTP/1.1\r\nHost: a\r\n\r\n")
        _ = try await client.receiveHead()
        // What the sockets hold between them is far less than this.
        try #require(truncate(path, 64 << 20) == 0)
        while (try? await client.receive(count: 1 << 20)) != nil {}
      }
      guard case .failure(FileTransferError.fileTooShort(let expected)) = await outcomes.next() else {
        Issue.record("the sending did not fail for the file's length")
        return
      }
      #expect(expected > 64 << 20 && expected <= 64 << 20 + FileLane.memory.sliceSize)
    }
  }

  @Test("a client that takes nothing is let go")
  func stalled() async throws {
    let file = try SampleFile(size: 1 << 20)
    let path = file.path
    try #require(truncate(path, 1 << 30) == 0)
    let outcomes = Events<Result<Void, any Error>>()
    var configuration = TransportConfiguration()
    configuration.stallTimeout = .seconds(2)
    try await withTLS(configuration, responder: sendParts(of: path, outcomes: outcomes)) { port, authority in
      try await TLSClient.talk(to: port, trusting: authority, receiveBuffer: 4096) { client in
        try await client.send("GET /0/\(1 << 30) HTTP/1.1\r\nHost: a\r\n\r\n")
        _ = try await client.receiveHead()
        let outcome = try #require(await outcomes.next())
        #expect(throws: (any Error).self) { try outcome.get() }
      }
    }
  }

  @Test("a client that goes away in the middle ends the sending with an error", arguments: ["in memory", "on disk"])
  func clientGoes(_ place: String) async throws {
    let file = try SampleFile(size: 64 << 20)
    if place == "on disk" { try file.evict() }
    let outcomes = Events<Result<Void, any Error>>()
    try await withTLS(responder: sendParts(of: file.path, outcomes: outcomes)) { port, authority in
      try await TLSClient.talk(to: port, trusting: authority, receiveBuffer: 4096) { client in
        try await client.send("GET /0/\(64 << 20) HTTP/1.1\r\nHost: a\r\n\r\n")
        _ = try await client.receiveHead()
        try await client.abandon()
      }
      let outcome = try #require(await outcomes.next())
      #expect(throws: (any Error).self) { try outcome.get() }
    }
  }
}
