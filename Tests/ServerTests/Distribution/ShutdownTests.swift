import NIOHTTP1
import OCI
import Server
import Testing
import TestSupport

@Suite("Shutdown")
struct ShutdownTests {
  /// Waits until the server takes no connection.
  private static func waitUntilClosed(_ port: Int) async {
    while (try? await RawClient.talk(to: port) { _ in }) != nil { await shortPause() }
  }

  @Test("a download goes on to its end while new connections are refused")
  func download() async throws {
    let bytes = Sample.newBytes(16 << 20)
    let received = try await LiveServer.run { server in
      let digest = try await server.pushBlob(bytes, to: "a")
      return try await RawClient.talk(to: server.port, receiveBuffer: 4096) { client in
        try client.send("GET /v2/a/blobs/\(digest) HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try client.receiveHead().hasPrefix("HTTP/1.1 200 "))
        server.stop()
        waitFromThread { await Self.waitUntilClosed(server.port) }
        return try client.receiveBytesToEnd()
      }
    }
    #expect(received == bytes)
  }

  @Test("an upload goes on to its end, and is acknowledged")
  func upload() async throws {
    try await withTemporaryFolder { folder in
      let digest = Digest.of(Array("abcd".utf8))
      let answer = try await LiveServer.run(data: "\(folder)/data") { server in
        let location = try await server.beginUpload(in: "a")
        return try await RawClient.talk(to: server.port) { client in
          try client.send(
            "PUT \(location)?digest=\(digest) HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n")
          #expect(try client.receiveHead() == "HTTP/1.1 100 Continue\r\n\r\n")
          try client.send("ab")
          server.stop()
          waitFromThread { await Self.waitUntilClosed(server.port) }
          try client.send("cd")
          return try client.receiveToEnd()
        }
      }
      #expect(answer.hasPrefix("HTTP/1.1 201 "))
      #expect(answer.contains("Connection: close\r\n"))
      try await LiveServer.run(data: "\(folder)/data") { server async throws in
        #expect(try await server.send(.GET, "/v2/a/blobs/\(digest)").text == "abcd")
      }
    }
  }

  @Test("a transfer that does not end is cut off at the deadline")
  func deadline() async throws {
    let answer = try await LiveServer.run(configure: { $0.shutdownTimeout = .milliseconds(200) }) { server in
      let location = try await server.beginUpload(in: "a")
      return try await RawClient.talk(to: server.port) { client in
        try client.send("PATCH \(location) HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nab")
        server.stop()
        do { return try client.receiveToEnd() } catch is RawClient.SystemError { return "reset" }
      }
    }
    #expect(!answer.hasPrefix("HTTP/1.1 202 "))
  }
}
