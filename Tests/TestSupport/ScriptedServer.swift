internal import Locks
internal import NIOCore
public import NIOHTTP1

/// A server that answers as a test has it.
public struct ScriptedServer: Sendable {
  /// A request with its whole body.
  public struct Request: Sendable {
    /// The method.
    public let method: HTTPMethod
    /// The path with its query.
    public let target: String
    /// The header fields.
    public let headers: HTTPHeaders
    /// The body.
    public let body: [UInt8]

    /// The first value of a header field.
    public subscript(name: String) -> String? { headers.first(name: name) }
  }

  /// An answer.
  public struct Reply: Sendable {
    let status: Int
    let headers: [(String, String)]
    let body: [UInt8]

    /// Takes the parts of an answer; the length is added.
    public init(_ status: Int, _ headers: [(String, String)] = [], body: [UInt8] = []) {
      self.status = status
      self.headers = headers
      self.body = body
    }
  }

  /// The port it listens on.
  public let port: Int
  private let log: Locked<[Request]>

  /// The requests that came so far.
  public var requests: [Request] { log.withLock { $0 } }

  /// Serves for as long as `body` runs.
  public static func run<Success>(
    answering answer: @escaping @Sendable (Request) async throws -> Reply,
    isolation: isolated (any Actor)? = #isolation, _ body: (ScriptedServer) async throws -> Success
  ) async throws -> Success {
    let log = Locked<[Request]>([])
    return try await TestListener.run { requests, answers in
      while let request = try await Self.request(&requests) {
        log.withLock { $0.append(request) }
        let reply = try await answer(request)
        var headers = HTTPHeaders(reply.headers)
        if !headers.contains(name: "Content-Length") {
          headers.add(name: "Content-Length", value: "\(reply.body.count)")
        }
        let head = HTTPResponseHead(version: .http1_1, status: .init(statusCode: reply.status), headers: headers)
        try await answers.write(.head(head))
        if !reply.body.isEmpty, request.method != .HEAD {
          try await answers.write(.body(.byteBuffer(ByteBuffer(bytes: reply.body))))
        }
        try await answers.write(.end(nil))
      }
    } _: { port in
      try await body(ScriptedServer(port: port, log: log))
    }
  }

  private static func request(_ requests: inout TestListener.Requests) async throws -> Request? {
    guard case .head(let head)? = try await requests.next() else { return nil }
    var body: [UInt8] = []
    while case .body(let buffer)? = try await requests.next() { body += buffer.readableBytesView }
    return Request(method: head.method, target: head.uri, headers: head.headers, body: body)
  }
}
