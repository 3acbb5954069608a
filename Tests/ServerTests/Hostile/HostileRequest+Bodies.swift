import OCI

extension HostileRequest {
  static let chunks: [HostileRequest] =
    [
      "", "x", "10", "10-", "-10", "19-10", "10-19-20", "+10-19", "bytes */10", "10-9223372036854775807",
      "10-99999999999999999999",
    ].flatMap { range in
      [
        HostileRequest("a chunk at \(range)", 400, "PATCH", "{upload}", ["Content-Range: \(range)"], body: [1]),
        HostileRequest(
          "a last chunk at \(range)", 400, "PUT", "{upload}?digest=\(digest)", ["Content-Range: \(range)"], body: [1]),
      ]
    } + [
      HostileRequest(
        "a chunk far behind the end", 416, "PATCH", "{upload}",
        ["Content-Range: 9223372036854775000-9223372036854775800"], body: [1]),
      HostileRequest("a chunk before the end", 416, "PATCH", "{upload}", ["Content-Range: 0-0"], body: [1]),
      HostileRequest(
        "a chunk that is longer than its place", 400, "PATCH", "{upload}", ["Content-Range: 10-10"], body: [1, 2]),
      HostileRequest(
        "a chunk of exabytes in one byte", 400, "PATCH", "{upload}", ["Content-Range: 10-9223372036854775806"],
        body: [1]),
      HostileRequest(
        "a PATCH that ends early", 400, head: "PATCH {upload} HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n",
        body: [1, 2, 3]),
      HostileRequest(
        "a PATCH that does not begin", 400, head: "PATCH {upload} HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n"),
      HostileRequest(
        "a PUT that ends early", 400,
        head: "PUT {upload}?digest=\(digest) HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n", body: [1]),
      HostileRequest(
        "a POST that ends early", 400,
        head: "POST /v2/a/blobs/uploads/?digest=\(digest) HTTP/1.1\r\nHost: a\r\nContent-Length: 9000000000\r\n\r\n",
        body: [1]),
      HostileRequest(
        "a manifest that ends early", 400,
        head: "PUT /v2/a/manifests/v1 HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n", body: Array("{".utf8)),
      HostileRequest("chunks without an end", 400, head: chunked, body: Array("3\r\nabc\r\n".utf8)),
      HostileRequest("a chunk that ends early", 400, head: chunked, body: Array("ff\r\nabc".utf8)),
      HostileRequest("a chunk of no size", 400, head: chunked, body: Array("\r\nabc\r\n0\r\n\r\n".utf8)),
      HostileRequest("a chunk of a negative size", 400, head: chunked, body: Array("-3\r\nabc\r\n0\r\n\r\n".utf8)),
      HostileRequest("a chunk of a size in words", 400, head: chunked, body: Array("three\r\nabc\r\n0\r\n\r\n".utf8)),
      HostileRequest(
        "a chunk of more than 64 bits", 400, head: chunked, body: Array("fffffffffffffffff\r\nabc\r\n0\r\n\r\n".utf8)),
      HostileRequest(
        "a chunk that is longer than its size", 400, head: chunked, body: Array("1\r\nabc\r\n0\r\n\r\n".utf8)),
      HostileRequest("a chunk in C's hex", 400, head: chunked, body: Array("0x3\r\nabc\r\n0\r\n\r\n".utf8)),
      HostileRequest("a chunk behind a space", 400, head: chunked, body: Array(" 3\r\nabc\r\n0\r\n\r\n".utf8)),
      HostileRequest("chunks parted by line feeds alone", 400, head: chunked, body: Array("3\nabc\n0\n\n".utf8)),
    ]

  private static let chunked = "PATCH {upload} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"

  private static func manifest(
    _ name: String, status: Int = 400, _ body: [UInt8], type: String = MediaType.ociManifest.value
  ) -> HostileRequest {
    HostileRequest(name, status, "PUT", "/v2/a/manifests/v1", ["Content-Type: \(type)"], body: body)
  }

  private static func bomb(_ text: String, _ count: Int) -> [UInt8] {
    Array(String(repeating: text, count: count).utf8)
  }

  /// The text with an array of elements, made one by one, where it has `...`.
  private static func list(_ text: String, _ count: Int, _ element: (Int) -> String) -> [UInt8] {
    Array(text.replacing("...", with: (0..<count).map(element).joined(separator: ",")).utf8)
  }

  static let manifests: [HostileRequest] = [
    manifest("4 MiB of opening brackets", bomb("[", 4 << 20)),
    manifest("4 MiB of opening braces", bomb(#"{"a":"#, (4 << 20) / 5)),
    manifest("4 MiB of empty arrays", Array("[".utf8) + bomb("[],", 1_300_000) + Array("[]]".utf8)),
    manifest("4 MiB of white space", bomb(" ", 4 << 20)),
    manifest("4 MiB of one string", Array("\"".utf8) + bomb("a", (4 << 20) - 2) + Array("\"".utf8)),
    manifest("4 MiB of a string without an end", Array("\"".utf8) + bomb("\\\"", (2 << 20) - 1)),
    manifest("4 MiB of a number", bomb("9", 4 << 20)),
    manifest("a number with an exponent of a million", Array(#"{"schemaVersion":2e1000000}"#.utf8)),
    manifest("4 MiB of members", list("{...}", 300_000) { "\"\($0)\":0" }),
    manifest("4 MiB of the same member", Array("{".utf8) + bomb(#""a":0,"#, 600_000) + Array(#""a":0}"#.utf8)),
    manifest(
      "an array of 60 levels in a member",
      Array(#"{"schemaVersion":2,"x":"#.utf8) + bomb("[", 100) + bomb("]", 100) + Array("}".utf8)),
    manifest(
      "duplicate keys", Array(#"{"schemaVersion":2,"schemaVersion":2,"manifests":[]}"#.utf8),
      type: MediaType.ociIndex.value),
    manifest(
      "duplicate keys, once escaped", Array(#"{"schemaVersion":2,"schema\u0056ersion":2,"manifests":[]}"#.utf8),
      type: MediaType.ociIndex.value),
    manifest("invalid UTF-8", Array(#"{"a":""#.utf8) + [0xc0, 0xaf] + Array(#""}"#.utf8)),
    manifest("a lone surrogate", Array(#"{"a":"\ud800"}"#.utf8)),
    manifest("a byte order mark", [0xef, 0xbb, 0xbf] + Array("{}".utf8)),
    manifest("UTF-16", [0xff, 0xfe, 0x7b, 0, 0x7d, 0]),
    manifest("a zero byte in a string", Array("{\"a\":\"\0\"}".utf8)),
    manifest("comments", Array("{/* */}".utf8)),
    manifest("an entity of XML", Array("<!DOCTYPE x [<!ENTITY a \"b\">]><x>&a;</x>".utf8)),
    manifest(
      "an index of 25,000 entries that are not there",
      list(#"{"schemaVersion":2,"manifests":[...]}"#, 25_000) { number in
        #"{"mediaType":"a/b","size":1,"digest":"sha256:\#(String(repeating: "0", count: 59))\#(number + 10_000)"}"#
      }, type: MediaType.ociIndex.value),
    manifest(
      "a layer whose digest is a path",
      Array(
        #"{"schemaVersion":2,"config":{"mediaType":"a/b","size":1,"digest":"sha256:../../../etc/passwd"},"layers":[]}"#
          .utf8)),
    manifest(
      "a layer of more bytes than there are",
      Array(
        #"{"schemaVersion":2,"config":{"mediaType":"a/b","size":99999999999999999999,"digest":"\#(digest)"},"layers":[]}"#
          .utf8)),
    manifest("a media type that is none", Array("{}".utf8), type: "//"),
    manifest("a media type of 10,000 bytes", Array("{}".utf8), type: "a/" + String(repeating: "b", count: 10_000)),
    manifest("a media type of HTML", Array("<script>".utf8), type: "text/html"),
  ]
}
