import NIOHTTP1

/// What the transport has to know of a request head, found in one pass over its fields.
struct RequestFraming: Equatable {
  /// Bytes that a request target may have.
  static let maxTargetSize = 8 * 1024

  var isHTTP10 = false
  var isHEAD = false
  /// Whether the client wants to use the connection for another request.
  var keepsAlive = true
  /// Whether the client waits for `100 Continue` before it sends the body.
  var expectsContinue = false
}

extension RequestFraming {
  /// Reads the framing of a request.
  ///
  /// The decoder refuses most of what is ambiguous; what is refused here it lets pass.
  ///
  /// - Throws: the refusal to answer with when the request must not be taken. RFC 9112, sections 3.2 and 6.
  init(_ head: HTTPRequestHead) throws(Refusal) {
    guard head.uri.utf8.count <= Self.maxTargetSize else { throw .uriTooLong }
    isHTTP10 = head.version == .http1_0
    isHEAD = head.method == .HEAD
    // The decoder reads nothing behind a request that asks for another protocol.
    keepsAlive = head.isKeepAlive && head.method != .CONNECT

    var hosts = 0
    var contentLengths = 0
    var transferEncodings = 0
    for (name, value) in head.headers {
      switch name.utf8.count {
      case 4 where HeaderName.matches(name, "host"):
        hosts += 1
      case 6 where HeaderName.matches(name, "expect"):
        guard HeaderName.matches(value, "100-continue") else { throw .expectation }
        expectsContinue = !isHTTP10
      case 7 where HeaderName.matches(name, "upgrade"):
        keepsAlive = false
      case 14 where HeaderName.matches(name, "content-length"):
        contentLengths += 1
      case 17 where HeaderName.matches(name, "transfer-encoding"):
        guard HeaderName.matches(value, "chunked"), !isHTTP10 else { throw .transferEncoding }
        transferEncodings += 1
      default:
        break
      }
    }
    guard hosts == 1 || (isHTTP10 && hosts == 0) else { throw .host }
    guard contentLengths <= 1 else { throw .contentLength }
    guard transferEncodings <= 1, transferEncodings == 0 || contentLengths == 0 else { throw .transferEncoding }
  }
}
