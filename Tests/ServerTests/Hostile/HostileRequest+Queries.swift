extension HostileRequest {
  static let queries: [HostileRequest] =
    [
      "../../etc/passwd", "%2e%2e%2fx", "sha256:..", "sha256:%00", "sha256:", "", "%ff", "%", "sha256",
      "sha256:\(String(repeating: "0", count: 64))%00", "sha256:\(String(repeating: "g", count: 64))",
    ].flatMap { digest in
      [
        HostileRequest(
          "a POST of the digest \(digest)", 400, "POST", "/v2/a/blobs/uploads/?digest=\(digest)", body: [1]),
        HostileRequest("a PUT of the digest \(digest)", 400, "PUT", "{upload}?digest=\(digest)", body: [1]),
        HostileRequest("a mount of \(digest)", 400, "POST", "/v2/a/blobs/uploads/?mount=\(digest)&from=b", body: []),
      ]
    }
    + ["../..", "%2e%2e", "%00", "/etc", "A", "a//b", "", "%zz", "a\\b"].map { name in
      HostileRequest("a mount from \(name)", 400, "POST", "/v2/a/blobs/uploads/?mount={blob}&from=\(name)", body: [])
    }
    + ["-1", "1e9", "0x1", "", "%00", "NaN", "1,2", "%F0%9D%9F%8F"].map { count in
      HostileRequest("a page of \(count)", 400, "GET", "/v2/_catalog?n=\(count)")
    } + [
      HostileRequest("a page after what is not UTF-8", 400, "GET", "/v2/_catalog?last=%ff"),
      HostileRequest("a page of referrers after what is no digest", 400, "GET", "/v2/a/referrers/\(digest)?last=x"),
      HostileRequest("a tag that is a path", 400, "PUT", "/v2/a/manifests/\(digest)?tag=../x", body: Array("{}".utf8)),
      HostileRequest(
        "a tag with a zero byte", 400, "PUT", "/v2/a/manifests/\(digest)?tag=a%00", body: Array("{}".utf8)),
      HostileRequest(
        "a thousand tags", 400, "PUT",
        "/v2/a/manifests/\(digest)?" + (0..<1_000).map { "tag=\($0)" }.joined(separator: "&"),
        body: Array("{}".utf8)),
      HostileRequest("a query that is not encoded as it says", 400, "GET", "/v2/a/tags/list?%=%"),
      HostileRequest("a digest that does not fit the upload", 400, "PUT", "{upload}?digest=\(digest)", body: [1]),
      HostileRequest("the digest before another", 400, "PUT", "{upload}?digest=\(digest)&digest={blob}", body: [1]),
    ]

  static let ranges: [HostileRequest] =
    [
      "bytes=1000-", "bytes=-0", "bytes=5-1", "bytes=a-", "bytes=--1", "bytes=-", "bytes=", "bytes=0x1-0x2",
      "bytes=99999999999999999999-", "bytes=0-99999999999999999999", "bytes=-99999999999999999999", "bytes=1-2-3",
      "bytes=+1-2", "bytes=1 - 2",
    ].map { HostileRequest("the range \($0)", 416, "GET", "/v2/a/blobs/{blob}", ["Range: \($0)"]) }
}
