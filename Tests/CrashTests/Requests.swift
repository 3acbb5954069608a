import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import OCI
import TestSupport

/// An answer with its whole body.
struct Reply: Sendable {
  let status: Int
  let headers: HTTPHeaders
  let body: [UInt8]

  subscript(name: String) -> String? { headers.first(name: name) }

  func isError(_ code: RegistryError.Code) -> Bool {
    String(decoding: body, as: UTF8.self).contains(#""code":"\#(code.rawValue)""#)
  }
}

/// An answer that a client must not get.
struct UnexpectedReply: Error, CustomStringConvertible {
  let reply: Reply

  init(_ reply: Reply) {
    self.reply = reply
  }

  var description: String { "\(reply.status) \(String(decoding: reply.body.prefix(1000), as: UTF8.self))" }
}

extension ServerProcess {
  /// Sends a request and waits for the whole answer.
  func send(
    _ method: HTTPMethod, _ path: String, _ headers: HTTPHeaders = [:], body: [UInt8]? = nil
  ) async throws -> Reply {
    try await send(method, path, headers, body.map { .bytes(ByteBuffer(bytes: $0)) })
  }

  /// Sends bytes without saying how many there will be.
  func stream(_ method: HTTPMethod, _ path: String, body: [UInt8]) async throws -> Reply {
    let half = body.count / 2
    let pieces = [body[..<half], body[half...]].map { ByteBuffer(bytes: $0) }
    let buffers = AsyncStream { source in
      for piece in pieces { source.yield(piece) }
      source.finish()
    }
    return try await send(method, path, [:], .stream(buffers, length: .unknown))
  }

  private func send(
    _ method: HTTPMethod, _ path: String, _ headers: HTTPHeaders, _ body: HTTPClientRequest.Body?
  ) async throws -> Reply {
    var request = HTTPClientRequest(url: url + path)
    request.method = method
    request.headers = headers
    request.body = body
    let response = try await HTTPClient.shared.execute(request, timeout: .seconds(60))
    let body = try await response.body.collect(upTo: 64 << 20)
    return Reply(status: Int(response.status.code), headers: response.headers, body: Array(buffer: body))
  }

  /// Begins an upload.
  ///
  /// - Returns: its path.
  func beginUpload(in repository: String) async throws -> String {
    let reply = try await send(.POST, "/v2/\(repository)/blobs/uploads/")
    guard reply.status == 202, let location = reply["Location"] else { throw UnexpectedReply(reply) }
    return location
  }

  /// Pushes a manifest.
  func pushManifest(_ bytes: [UInt8], to repository: String, as reference: String) async throws -> Reply {
    try await send(
      .PUT, "/v2/\(repository)/manifests/\(reference)", ["Content-Type": MediaType.ociManifest.value], body: bytes)
  }

  /// Has the server collect what has not been needed for a time, step by step.
  ///
  /// - Parameter step: is given each line of the answer.
  func collect(grace: String, _ step: (String) async throws -> Void = { _ in }) async throws {
    var request = HTTPClientRequest(url: url + "/api/v1/collections?grace=\(grace)")
    request.method = .POST
    let response = try await HTTPClient.shared.execute(request, timeout: .seconds(600))
    var pending = ""
    for try await bytes in response.body {
      pending += String(buffer: bytes)
      let lines = pending.split(separator: "\n", omittingEmptySubsequences: false)
      for line in lines.dropLast() { try await step(String(line)) }
      pending = String(lines.last ?? "")
    }
  }
}
