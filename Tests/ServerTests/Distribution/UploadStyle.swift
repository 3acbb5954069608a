import NIOHTTP1
import OCI
import Testing
import TestSupport

/// A way in which some client uploads a blob, up to the request that names the digest.
struct UploadStyle: Sendable, CustomTestStringConvertible {
  /// The request that ends an upload, all but its digest.
  struct Last: Sendable {
    let server: LiveServer
    let method: HTTPMethod
    let target: String
    var headers: [(String, String)] = []
    var pieces: [[UInt8]] = []
    var isStreamed = false

    func send(_ digest: String) async throws -> Reply {
      let target = "\(target)?digest=\(digest)"
      return isStreamed
        ? try await server.stream(method, target, headers, pieces: pieces)
        : try await server.send(method, target, headers, body: pieces.flatMap { $0 })
    }
  }

  let testDescription: String
  let stage: @Sendable (LiveServer, String, [UInt8]) async throws -> Last

  static let all = [
    UploadStyle(testDescription: "POST with the whole") { server, repository, bytes in
      Last(server: server, method: .POST, target: "/v2/\(repository)/blobs/uploads/", pieces: [bytes])
    },
    UploadStyle(testDescription: "POST with the whole, of no said length") { server, repository, bytes in
      Last(
        server: server, method: .POST, target: "/v2/\(repository)/blobs/uploads/", pieces: bytes.split(into: 3),
        isStreamed: true)
    },
    UploadStyle(testDescription: "POST, PUT with the whole") { server, repository, bytes in
      Last(server: server, method: .PUT, target: try await server.beginUpload(in: repository), pieces: [bytes])
    },
    UploadStyle(testDescription: "POST, PUT with the whole, of no said length") { server, repository, bytes in
      Last(
        server: server, method: .PUT, target: try await server.beginUpload(in: repository),
        pieces: bytes.split(into: 3), isStreamed: true)
    },
    UploadStyle(testDescription: "POST, PATCH of no said length, PUT") { server, repository, bytes in
      let location = try await server.beginUpload(in: repository)
      let reply = try await server.stream(.PATCH, location, pieces: bytes.split(into: 4))
      return Last(server: server, method: .PUT, target: try reply.nextPlace(after: bytes.count))
    },
    UploadStyle(testDescription: "POST, PATCH, PUT") { server, repository, bytes in
      let location = try await server.beginUpload(in: repository)
      let reply = try await server.send(.PATCH, location, [("Content-Type", "application/octet-stream")], body: bytes)
      return Last(server: server, method: .PUT, target: try reply.nextPlace(after: bytes.count))
    },
    UploadStyle(testDescription: "POST, chunks, PUT") { server, repository, bytes in
      let location = try await server.pushChunks(
        bytes.split(into: 5), to: try await server.beginUpload(in: repository))
      return Last(server: server, method: .PUT, target: location)
    },
    UploadStyle(testDescription: "POST, chunks, PUT with the last chunk") { server, repository, bytes in
      let chunks = bytes.split(into: 5)
      let last = chunks.last ?? []
      let location = try await server.pushChunks(
        chunks.dropLast(), to: try await server.beginUpload(in: repository))
      let first = bytes.count - last.count
      return Last(
        server: server, method: .PUT, target: location,
        headers: last.isEmpty ? [] : [("Content-Range", "\(first)-\(bytes.count - 1)")], pieces: [last])
    },
    UploadStyle(testDescription: "POST, PATCHes without places, PUT with the last bytes") { server, repository, bytes in
      let chunks = bytes.split(into: 3)
      var location = try await server.beginUpload(in: repository)
      var count = 0
      for chunk in chunks.dropLast() {
        count += chunk.count
        location = try await server.send(.PATCH, location, body: chunk).nextPlace(after: count)
      }
      return Last(server: server, method: .PUT, target: location, pieces: [chunks.last ?? []])
    },
  ]
}

extension LiveServer {
  /// Sends chunks with their places one after the other.
  ///
  /// - Returns: the upload's place.
  func pushChunks(_ chunks: [[UInt8]], to location: String, from start: Int = 0) async throws -> String {
    var location = location
    var first = start
    for chunk in chunks {
      let end = first + chunk.count
      let reply = try await send(.PATCH, location, [("Content-Range", "\(first)-\(end - 1)")], body: chunk)
      location = try reply.nextPlace(after: end)
      first = end
    }
    return location
  }
}

extension Reply {
  /// The place that the answer to a chunk gives for the next one.
  func nextPlace(after count: Int) throws -> String {
    try #require(status == 202)
    #expect(self["Range"] == "0-\(max(0, count - 1))")
    #expect(self["Docker-Upload-UUID"] != nil)
    return try #require(self["Location"])
  }
}

extension [UInt8] {
  /// Pieces that are not empty, of odd lengths.
  func split(into count: Int) -> [[UInt8]] {
    guard !isEmpty else { return [] }
    let size = Swift.max(1, self.count / count + 1)
    return stride(from: 0, to: self.count, by: size).map { Array(self[$0..<Swift.min($0 + size, self.count)]) }
  }
}
