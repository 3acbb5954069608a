import Testing

/// Bytes that are no request, or one that must not be taken, and the status they are answered with.
struct BadRequest: Sendable, CustomTestStringConvertible {
  let name: String
  let status: Int
  let bytes: String

  var testDescription: String { name }

  private init(_ name: String, _ status: Int, _ bytes: String) {
    self.name = name
    self.status = status
    self.bytes = bytes
  }

  /// A `PUT` with more fields and what follows them.
  private static func put(_ name: String, status: Int = 400, _ fields: [String], body: String = "abc") -> BadRequest {
    BadRequest(name, status, "PUT /a HTTP/1.1\r\nHost: a\r\n" + fields.map { $0 + "\r\n" }.joined() + "\r\n" + body)
  }

  static let all = [
    BadRequest("the beginning of a TLS session", 400, "\u{16}\u{3}\u{1}\u{2}\r\n\r\n"),
    BadRequest("a method alone", 400, "GET\r\n\r\n"),
    BadRequest("a method that does not exist", 400, "FROB /a HTTP/1.1\r\nHost: a\r\n\r\n"),
    BadRequest("the preface of HTTP/2", 400, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    BadRequest("a version to come", 400, "GET /a HTTP/3.0\r\nHost: a\r\n\r\n"),
    BadRequest("no host", 400, "GET /a HTTP/1.1\r\n\r\n"),
    put("two hosts", ["Host: b"]),
    put("a space in a field name", ["Bad Name: x"]),
    put("a space before the colon", ["Content-Length : 3"]),
    put("a folded field", ["X: a", " b"]),
    put("a zero byte in a field", ["X: a\0b"]),
    put("a length and chunks", ["Content-Length: 3", "Transfer-Encoding: chunked"], body: "0\r\n\r\n"),
    put("chunks and a length", ["Transfer-Encoding: chunked", "Content-Length: 3"], body: "0\r\n\r\n"),
    put("a length twice", ["Content-Length: 3", "Content-Length: 3"]),
    put("two lengths", ["Content-Length: 3", "Content-Length: 4"]),
    put("two lengths in one field", ["Content-Length: 3, 3"]),
    put("a negative length", ["Content-Length: -3"]),
    put("a signed length", ["Content-Length: +3"]),
    put("a length in hex", ["Content-Length: 0x3"]),
    put("an empty length", ["Content-Length: "]),
    put("a length that no integer holds", ["Content-Length: 99999999999999999999999"]),
    put("a transfer coding without chunks", ["Transfer-Encoding: gzip"]),
    put("a transfer coding in chunks", ["Transfer-Encoding: gzip, chunked"], body: "0\r\n\r\n"),
    put("chunks in chunks", ["Transfer-Encoding: chunked", "Transfer-Encoding: chunked"], body: "0\r\n\r\n"),
    put("chunks with a parameter", ["Transfer-Encoding: chunked;x=y"], body: "0\r\n\r\n"),
    BadRequest("chunks in HTTP/1.0", 400, "PUT /a HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    put("an expectation that nobody knows", status: 417, ["Expect: 200-ok", "Content-Length: 3"]),
    put("a field too long", status: 431, ["X: " + String(repeating: "x", count: 9000)]),
    put("fields too long together", status: 431, [String](repeating: "X: abc", count: 3000)),
    put("too many fields", status: 431, [String](repeating: "X:", count: 300)),
    BadRequest(
      "a target longer than all fields may be", 431,
      "GET /" + String(repeating: "x", count: 9000) + " HTTP/1.1\r\nHost: a\r\n\r\n"),
  ]
}
