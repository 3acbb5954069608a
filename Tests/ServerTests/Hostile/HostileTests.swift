import Foundation
import NIOHTTP1
import OCI
import Testing
import TestSupport

@Suite("Hostile input", .liveServer)
struct HostileTests {
  private let server = LiveServer.current

  @Test("there are at least a hundred rows, each of its own name")
  func rows() {
    #expect(HostileRequest.all.count >= 100)
    #expect(Set(HostileRequest.all.map(\.name)).count == HostileRequest.all.count)
  }

  @Test("a hostile request is answered once, in the specification's form", arguments: HostileRequest.all)
  func refused(_ request: HostileRequest) async throws {
    let answer = try await HostileClient(port: server.port).answer(to: request)
    #expect(answer.hasPrefix("HTTP/1.1 \(request.status) "), "\(answer.prefix(400))")
    let parts = answer.split(separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false)
    try #require(parts.count == 2)
    #expect(parts[0].contains("\r\nContent-Type: application/json"))
    // A second answer behind the first would not be JSON.
    let errors = try JSONDecoder().decode(Errors.self, from: Data(parts[1].utf8))
    for error in errors.errors {
      #expect(RegistryError.Code(rawValue: error.code) != nil)
      #expect(!error.message.isEmpty)
      #expect(error.message.utf8.count < 2_000)
    }
    #expect(errors.errors.count == 1)
    #expect(try await server.send(.GET, "/v2/").status == 200)
  }

  private struct Errors: Decodable {
    struct Entry: Decodable {
      let code: String
      let message: String
    }

    let errors: [Entry]
  }
}

@Suite("After hostile input")
struct HostileAftermathTests {
  @Test("the server is alive, its memory flat, and nothing was written that should not be")
  func aftermath() async throws {
    try await withTemporaryFolder { folder in
      let process = try await ServerProcess(data: "\(folder)/data")
      let port = try #require(URL(string: process.url)?.port)
      let client = HostileClient(port: port)
      let blob = HostileClient.blob.hex
      try await client.sendAll()
      let before = try residentBytes(ofServerOf: folder)
      for _ in 0..<2 { try await client.sendAll() }
      let after = try residentBytes(ofServerOf: folder)
      #expect(after < before + 64 << 20, "\(before >> 20) MiB became \(after >> 20) MiB")

      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["data"])
      let blobs = try FileManager.default.subpathsOfDirectory(atPath: "\(folder)/data/blobs")
      #expect(blobs.filter { $0.count > "sha256/00".count } == ["sha256/\(blob.prefix(2))/\(blob)"])
      let answer = try await RawClient.talk(to: port) { client in
        try client.send("GET /v2/a/tags/list HTTP/1.1\r\nHost: a\r\n\r\n")
        return try client.receiveResponse()
      }
      #expect(answer.head.hasPrefix("HTTP/1.1 404 "), "there is a manifest")
      #expect(await process.stop() == 0)
    }
  }

  /// The memory of the process whose command line names the folder.
  private func residentBytes(ofServerOf folder: String) throws -> Int {
    for process in try FileManager.default.contentsOfDirectory(atPath: "/proc") where Int(process) != nil {
      guard let command = try? String(contentsOfFile: "/proc/\(process)/cmdline", encoding: .utf8),
        command.contains(folder)
      else { continue }
      let status = try String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)
      let size = try #require(status.firstMatch(of: #/VmRSS:\s+([0-9]+) kB/#))
      return try #require(Int(size.1)) << 10
    }
    throw NoProcess()
  }

  private struct NoProcess: Error {}
}

/// Sends what is hostile to a server in which it could do harm: there is an upload in progress, and a blob.
struct HostileClient: Sendable {
  let port: Int

  private static let content = Array("content".utf8)
  static let blob = Digest.of(content)

  /// What comes back until the server closes the connection.
  func answer(to request: HostileRequest) async throws -> String {
    try await RawClient.talk(to: port) { client in
      let upload = try begin(client)
      try pushBlob(client)
      // The answer may be there, and the connection closed, before all is sent.
      do { try client.send(request.bytes(upload: upload, blob: Self.blob)) } catch is RawClient.SystemError {}
      client.closeOutput()
      return try client.receiveToEnd()
    }
  }

  /// Sends every hostile request, one at a time, so that the most memory they take is the same every time.
  func sendAll() async throws {
    for request in HostileRequest.all { _ = try await answer(to: request) }
  }

  private func begin(_ client: RawClient) throws -> String {
    try client.send("POST /v2/a/blobs/uploads/ HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")
    let head = try client.receiveResponse().head
    let location = try #require(head.split(separator: "\r\n").first { $0.hasPrefix("Location: ") }?.dropFirst(10))
    try client.send(
      "PATCH \(location) HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n0123456789")
    #expect(try client.receiveResponse().head.hasPrefix("HTTP/1.1 202 "))
    return String(location)
  }

  private func pushBlob(_ client: RawClient) throws {
    try client.send("POST /v2/a/blobs/uploads/?digest=\(Self.blob) HTTP/1.1\r\nHost: a\r\nContent-Length: 7\r\n\r\n")
    try client.send(Self.content)
    #expect(try client.receiveResponse().head.hasPrefix("HTTP/1.1 201 "))
  }
}
