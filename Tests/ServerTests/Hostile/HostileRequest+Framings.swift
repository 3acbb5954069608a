extension HostileRequest {
  private static func put(_ name: String, status: Int = 400, _ fields: [String], _ body: String = "abc")
    -> HostileRequest
  {
    HostileRequest(
      name, status, head: "PATCH {upload} HTTP/1.1\r\nHost: a\r\n" + fields.map { $0 + "\r\n" }.joined() + "\r\n",
      body: Array(body.utf8))
  }

  private static let smuggled = "0\r\n\r\nGET /v2/_catalog HTTP/1.1\r\nHost: a\r\n\r\n"

  /// Heads of which two readers could think that the body ends in two places, and heads that are too large.
  static let framings: [HostileRequest] = [
    put("a length and chunks", ["Content-Length: 4", "Transfer-Encoding: chunked"], smuggled),
    put("chunks and a length", ["Transfer-Encoding: chunked", "Content-Length: 4"], smuggled),
    put("chunks twice", ["Transfer-Encoding: chunked", "Transfer-Encoding: chunked"], smuggled),
    put("chunks and what is no coding", ["Transfer-Encoding: chunked", "Transfer-Encoding: cow"], smuggled),
    put("chunks in a list", ["Transfer-Encoding: identity, chunked"], smuggled),
    put("chunks behind a tab", ["Transfer-Encoding:\tchunked, x"], smuggled),
    put("chunks with another letter", ["Transfer-Encoding: xchunked"], smuggled),
    put("chunks behind a space before the colon", ["Transfer-Encoding : chunked"], smuggled),
    put("chunks in a folded field", ["Transfer-Encoding:", " chunked"], smuggled),
    put("two lengths", ["Content-Length: 0", "Content-Length: 44"], smuggled),
    put("one length twice", ["Content-Length: 3", "Content-Length: 3"]),
    put("two lengths in a list", ["Content-Length: 3, 4"]),
    put("a negative length", ["Content-Length: -1"]),
    put("a length with a sign", ["Content-Length: +3"]),
    put("a length with a fraction", ["Content-Length: 3.0"]),
    put("a length in hex", ["Content-Length: 0x3"]),
    put("a length in words", ["Content-Length: three"]),
    put("a length of nothing", ["Content-Length:"]),
    put("a length of more than 64 bits", ["Content-Length: 18446744073709551617"]),
    put("a length with a zero byte", ["Content-Length: 3\0"]),
    put("a carriage return in a field", ["X: a\rContent-Length: 3"]),
    put("a field without a name", [": x", "Content-Length: 3"]),
    put("a field without a colon", ["nonsense", "Content-Length: 3"]),
    put("two hosts", ["Host: b", "Content-Length: 3"]),
    put("an expectation of nothing known", status: 417, ["Expect: tea", "Content-Length: 3"]),
    put("a field of 64 KiB", status: 431, ["X: " + String(repeating: "x", count: 64 << 10)]),
    put("a name of a field of 64 KiB", status: 431, [String(repeating: "x", count: 64 << 10) + ": x"]),
    put("ten thousand fields", status: 431, [String](repeating: "X: y", count: 10_000)),
    put(
      "a thousand ranges", status: 400,
      ["Content-Range: " + (0..<1_000).map { "\($0)-\($0)" }.joined(separator: ","), "Content-Length: 3"]),
    HostileRequest("a target of 10 KiB", 414, "GET", "/v2/" + String(repeating: "a", count: 10 << 10)),
    HostileRequest("a target of a megabyte", 431, "GET", "/v2/" + String(repeating: "a", count: 1 << 20)),
    HostileRequest(
      "chunks in HTTP/1.0", 400, head: "PATCH {upload} HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
      body: Array(smuggled.utf8)),
    HostileRequest("no host", 400, head: "GET /v2/ HTTP/1.1\r\n\r\n"),
    HostileRequest("a method in lower case", 400, head: "get /v2/ HTTP/1.1\r\nHost: a\r\n\r\n"),
    HostileRequest("a method that nobody knows", 400, head: "FROB /v2/ HTTP/1.1\r\nHost: a\r\n\r\n"),
    HostileRequest(
      "a method of 10,000 letters", 400,
      head: String(repeating: "G", count: 10_000) + " /v2/ HTTP/1.1\r\nHost: a\r\n\r\n"),
    HostileRequest("a method for another endpoint", 405, "DELETE", "/v2/_catalog"),
    HostileRequest(
      "a request from a page of another origin", 403, "POST", "/v2/a/blobs/uploads/", ["Origin: http://evil.example"],
      body: []),
  ]

  /// Bytes that are hardly a request.
  static let garbage: [HostileRequest] = [
    HostileRequest("HTTP/0.9", 400, head: "GET /v2/\r\n\r\n"),
    HostileRequest("a version to come", 400, head: "GET /v2/ HTTP/9.9\r\nHost: a\r\n\r\n"),
    HostileRequest("a version without numbers", 400, head: "GET /v2/ HTTP/x.y\r\nHost: a\r\n\r\n"),
    HostileRequest("a space in the target", 400, head: "GET /v2/ x HTTP/1.1\r\nHost: a\r\n\r\n"),
    HostileRequest("a zero byte in the target", 400, head: "GET /v2/\0 HTTP/1.1\r\nHost: a\r\n\r\n"),
    HostileRequest("the preface of HTTP/2", 400, head: "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    HostileRequest("the beginning of a TLS session", 400, head: "", body: [0x16, 3, 1, 0, 0xa5, 1, 0, 0, 0xa1, 3, 3]),
    HostileRequest("the greeting of SSH", 400, head: "SSH-2.0-OpenSSH_9.2p1\r\n"),
    HostileRequest("zero bytes", 400, head: "", body: [UInt8](repeating: 0, count: 4_096)),
    HostileRequest("all bytes", 400, head: "", body: Array(0...255)),
    HostileRequest(
      "random bytes", 400, head: "",
      body: (0..<4_096).map { UInt8(truncatingIfNeeded: ($0 &* 2_654_435_761) >> 13 | 0x80) }),
    HostileRequest("a head that ends early", 400, head: "GET /v2/ HTTP/1.1\r\nHost: a\r\nX"),
    HostileRequest("half of a method", 400, head: "GE"),
  ]
}
