import NIOHTTP1

/// How the end of a response is told to the client.
struct ResponseFraming: Equatable {
  /// Whether no body follows the head, whatever its fields say.
  var isBodyless: Bool
  /// Whether the connection cannot be used after the response: the route says so, or nothing else marks its end.
  var closesConnection: Bool
}

extension HTTPResponseHead {
  /// Sets the fields that mark where the response ends, so that a connection is never left out of step.
  ///
  /// RFC 9112, section 6.3.
  mutating func frame(for request: RequestFraming) -> ResponseFraming {
    var hasContentLength = false
    var hasTransferEncoding = false
    var closes = false
    for (name, value) in headers {
      switch name.utf8.count {
      case 10 where HeaderName.matches(name, "connection"):
        closes = closes || HeaderName.matches(value, "close")
      case 14 where HeaderName.matches(name, "content-length"):
        hasContentLength = true
      case 17 where HeaderName.matches(name, "transfer-encoding"):
        hasTransferEncoding = true
      default:
        break
      }
    }

    if request.isHTTP10 { version = .http1_0 }
    let hasNoBody = !status.mayHaveResponseBody
    if hasTransferEncoding, hasContentLength || hasNoBody || request.isHEAD || request.isHTTP10 {
      headers.remove(name: "transfer-encoding")
      hasTransferEncoding = false
    }
    if hasNoBody {
      if hasContentLength, status != .notModified { headers.remove(name: "content-length") }
    } else if !request.isHEAD, !hasContentLength, !hasTransferEncoding {
      if request.isHTTP10 {
        closes = true
      } else {
        headers.add(name: "Transfer-Encoding", value: "chunked")
      }
    }
    return ResponseFraming(isBodyless: hasNoBody || request.isHEAD, closesConnection: closes)
  }

  /// Says whether the connection is closed after the response.
  mutating func setPersistence(closes: Bool, for request: RequestFraming) {
    if closes {
      headers.replaceOrAdd(name: "Connection", value: "close")
    } else if request.isHTTP10 {
      headers.replaceOrAdd(name: "Connection", value: "keep-alive")
    }
  }
}
