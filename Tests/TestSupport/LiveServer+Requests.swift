internal import AsyncHTTPClient
internal import NIOCore
public import NIOHTTP1
public import OCI
internal import Synchronization

/// A response with its whole body.
public struct Reply: Sendable {
  /// The status' number.
  public let status: Int
  /// The header fields.
  public let headers: HTTPHeaders
  /// The body.
  public let body: [UInt8]

  /// The body as text.
  public var text: String { String(decoding: body, as: UTF8.self) }

  /// The first value of a header field.
  public subscript(name: String) -> String? { headers.first(name: name) }

  /// Whether the body is the specification's error with this code.
  public func isError(_ code: RegistryError.Code) -> Bool {
    text.hasPrefix(#"{"errors":[{"code":"\#(code.rawValue)","message":""#)
  }
}

extension LiveServer {
  /// Sends a request and waits for the whole response.
  ///
  /// - Parameter target: a path, or what a `Location` said.
  @discardableResult
  public func send(
    _ method: HTTPMethod, _ target: String, _ headers: [(String, String)] = [], body: [UInt8]? = nil
  ) async throws -> Reply {
    var request = request(method, target, headers)
    if let body { request.body = .bytes(ByteBuffer(bytes: body)) }
    return try await send(request)
  }

  /// Sends bytes without saying how many there will be, as Docker does.
  @discardableResult
  public func stream(
    _ method: HTTPMethod, _ target: String, _ headers: [(String, String)] = [], pieces: [[UInt8]]
  ) async throws -> Reply {
    var request = request(method, target, headers)
    let (buffers, source) = AsyncStream.makeStream(of: ByteBuffer.self)
    for piece in pieces { source.yield(ByteBuffer(bytes: piece)) }
    source.finish()
    request.body = .stream(buffers, length: .unknown)
    return try await send(request)
  }

  private func request(_ method: HTTPMethod, _ target: String, _ headers: [(String, String)]) -> HTTPClientRequest {
    var request = HTTPClientRequest(url: target.hasPrefix("/") ? url + target : target)
    request.method = method
    for (name, value) in headers { request.headers.add(name: name, value: value) }
    return request
  }

  private func send(_ request: HTTPClientRequest) async throws -> Reply {
    let response = try await HTTPClient.shared.execute(request, timeout: .seconds(120))
    let body = try await response.body.collect(upTo: 1 << 30)
    return Reply(
      status: Int(response.status.code), headers: response.headers, body: Array(buffer: body))
  }

  /// Pushes a blob in one request.
  @discardableResult
  public func pushBlob(
    _ bytes: [UInt8], to repository: String, algorithm: Digest.Algorithm = .sha256
  ) async throws -> Digest {
    let digest = Digest.of(bytes, algorithm: algorithm)
    let reply = try await send(.POST, "/v2/\(repository)/blobs/uploads/?digest=\(digest)", body: bytes)
    guard reply.status == 201 else { throw UnexpectedReply(reply: reply) }
    return digest
  }

  /// Begins an upload.
  ///
  /// - Returns: its place.
  public func beginUpload(in repository: String) async throws -> String {
    let reply = try await send(.POST, "/v2/\(repository)/blobs/uploads/")
    guard reply.status == 202, let location = reply["Location"] else { throw UnexpectedReply(reply: reply) }
    return location
  }

  /// Pushes an image with an empty config and layers of the contents given, blobs first.
  ///
  /// - Parameter reference: a tag; nil pushes by digest.
  /// - Returns: the manifest's digest and bytes.
  @discardableResult
  public func pushImage(
    to repository: String, as reference: String?, layers: [[UInt8]] = [Array("layer".utf8)], extra: String = ""
  ) async throws -> (digest: Digest, bytes: [UInt8]) {
    try await pushBlob(Array("{}".utf8), to: repository)
    for layer in layers { try await pushBlob(layer, to: repository) }
    let bytes = Sample.image(layers: layers, extra: extra)
    let digest = Digest.of(bytes)
    let reply = try await pushManifest(bytes, to: repository, as: reference ?? digest.description)
    guard reply.status == 201 else { throw UnexpectedReply(reply: reply) }
    return (digest, bytes)
  }

  /// Pushes a manifest.
  public func pushManifest(
    _ bytes: [UInt8], to repository: String, as reference: String, type: MediaType = .ociManifest
  ) async throws -> Reply {
    try await send(
      .PUT, "/v2/\(repository)/manifests/\(reference)", [("Content-Type", type.value)], body: bytes)
  }
}

/// A reply that a test did not count on.
public struct UnexpectedReply: Error, CustomStringConvertible {
  let reply: Reply

  /// The status and the body.
  public var description: String { "\(reply.status) \(reply.text)" }
}

/// Manifests for tests.
public enum Sample {
  /// An image with the empty config.
  public static func image(layers: [[UInt8]], extra: String = "") -> [UInt8] {
    let layers = layers.map { descriptor("application/vnd.oci.image.layer.v1.tar", $0) }.joined(separator: ",")
    let config = descriptor("application/vnd.oci.empty.v1+json", Array("{}".utf8))
    return Array(
      #"{"schemaVersion":2,"mediaType":"\#(MediaType.ociManifest)","config":\#(config),"layers":[\#(layers)]\#(extra)}"#
        .utf8)
  }

  /// An index of manifests.
  public static func index(_ entries: [String], extra: String = "") -> [UInt8] {
    let entries = entries.joined(separator: ",")
    return Array(
      #"{"schemaVersion":2,"mediaType":"\#(MediaType.ociIndex)","manifests":[\#(entries)]\#(extra)}"#.utf8)
  }

  /// A descriptor of content.
  public static func descriptor(_ type: String, _ content: [UInt8], extra: String = "") -> String {
    #"{"mediaType":"\#(type)","digest":"\#(Digest.of(content))","size":\#(content.count)\#(extra)}"#
  }

  /// The same bytes for the same seed, of a length; other bytes for another seed.
  public static func bytes(_ count: Int, seed: UInt64) -> [UInt8] {
    var state = seed &* 0x9e37_79b9_7f4a_7c15 | 1
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count + 8)
    while bytes.count < count {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      withUnsafeBytes(of: state.littleEndian) { bytes.append(contentsOf: $0) }
    }
    bytes.removeLast(bytes.count - count)
    return bytes
  }

  private static let seeds = Atomic<UInt64>(1 << 32)

  /// Bytes of a length that no other test has.
  public static func newBytes(_ count: Int) -> [UInt8] {
    bytes(count, seed: seeds.add(2, ordering: .relaxed).newValue)
  }
}
