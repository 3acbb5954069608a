import NIOCore
import NIOHTTP1

/// An error response that the transport gives itself, after which the connection is closed.
struct Refusal: Error, Equatable {
  let status: HTTPResponseStatus
  /// A code of the distribution specification's table of errors.
  let code: StaticString
  let message: String

  init(_ status: HTTPResponseStatus, code: StaticString = "UNSUPPORTED", _ message: String) {
    self.status = status
    self.code = code
    self.message = message
  }

  static func == (lhs: Refusal, rhs: Refusal) -> Bool {
    lhs.status == rhs.status && lhs.message == rhs.message
  }
}

extension Refusal {
  static let headTimeout = Refusal(
    .requestTimeout, "the request line and header fields did not arrive whole within the time allowed")
  static let bodyTimeout = Refusal(
    .requestTimeout, "the request body stopped arriving; send the rest of it in a new request")
  static let bodyTruncated = Refusal(
    .badRequest, code: "SIZE_INVALID", "the request body ended before its declared end")
  static let expectation = Refusal(
    .expectationFailed, "the only expectation that can be met is Expect: 100-continue")
  static let uriTooLong = Refusal(
    .uriTooLong, "the request target is longer than \(RequestFraming.maxTargetSize) bytes")
  static let transferEncoding = Refusal(
    .badRequest, "the only Transfer-Encoding understood is chunked, once, in HTTP/1.1, without Content-Length")
  static let contentLength = Refusal(
    .badRequest, "a request may have one Content-Length header field only")
  static let tlsExpected = Refusal(
    .badRequest, "this port speaks TLS, and the request came without it; use https://")
  static let host = Refusal(
    .badRequest, "an HTTP/1.1 request must have exactly one Host header field")

  /// The answer to bytes that the HTTP/1 decoder could not take.
  static func malformed(_ error: HTTPParserError, maxHeaderSize: Int) -> Refusal {
    switch error {
    case .headerOverflow:
      Refusal(
        .requestHeaderFieldsTooLarge, "the request line and header fields are longer than \(maxHeaderSize) bytes")
    case .invalidVersion:
      Refusal(.badRequest, "the HTTP version is not supported; use HTTP/1.1")
    case .invalidEOFState, .closedConnection:
      Refusal(.badRequest, code: "SIZE_INVALID", "the request ended before it was whole")
    case .unexpectedContentLength:
      Refusal(.badRequest, "the request may have one Content-Length or Transfer-Encoding: chunked, and not both")
    case .invalidContentLength:
      Refusal(.badRequest, "Content-Length must be a decimal number of bytes")
    case .invalidChunkSize:
      Refusal(.badRequest, code: "SIZE_INVALID", "a chunk of the request body does not begin with its size in hex")
    case .invalidMethod:
      Refusal(.badRequest, "the request line does not begin with an HTTP method")
    case .invalidURL:
      Refusal(.badRequest, "the request target is not a path")
    case .invalidHeaderToken:
      Refusal(.badRequest, "a header field has a character that is not allowed")
    default:
      Refusal(.badRequest, "the bytes received are not an HTTP/1.1 request")
    }
  }

  /// The error document of the distribution specification.
  ///
  /// Messages are written in this file and hold nothing of the request, so that none needs escaping.
  var body: ByteBuffer {
    ByteBuffer(string: #"{"errors":[{"code":"\#(code)","message":"\#(message)"}]}"#)
  }

  func head(bodyLength: Int) -> HTTPResponseHead {
    HTTPResponseHead(
      version: .http1_1,
      status: status,
      headers: [
        "Content-Type": "application/json",
        "Content-Length": String(bodyLength),
        "Docker-Distribution-Api-Version": "registry/2.0",
        "Connection": "close",
      ])
  }
}
