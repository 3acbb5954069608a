extension HostileRequest {
  /// What walks out of the place where a name, a tag, a digest or an upload should stand.
  private static let walks = [
    "..", "../../../../etc/passwd", "%2e%2e", "%2e%2e%2f%2e%2e%2fetc%2fpasswd", "%252e%252e%252f", "..%5c..%5cx",
    "..\\..\\x", "%00", "a%00b", "%c0%ae%c0%ae", "%zz", "%2", ".%2e/", "a%0d%0aX:%20y", "%ff%fe", "~root", "....//",
  ]

  static let paths: [HostileRequest] =
    walks.flatMap { walk in
      [
        HostileRequest("the name \(walk)", 400, "GET", "/v2/\(walk)/manifests/v1"),
        HostileRequest("the name a/\(walk), for an upload", 400, "POST", "/v2/a/\(walk)/blobs/uploads/", body: []),
      ]
    }
    + walks.filter { !$0.contains("/") }.flatMap { walk in
      [
        HostileRequest("the tag \(walk)", 400, "PUT", "/v2/a/manifests/\(walk)", body: Array("{}".utf8)),
        HostileRequest("the digest \(walk)", 400, "GET", "/v2/a/blobs/\(walk)"),
        HostileRequest("the digest sha256:\(walk)", 400, "DELETE", "/v2/a/blobs/sha256:\(walk)"),
        HostileRequest("the subject \(walk)", 400, "GET", "/v2/a/referrers/\(walk)"),
      ]
    } + [
      HostileRequest("an upload called ..", 404, "PATCH", "/v2/a/blobs/uploads/..", body: [1]),
      HostileRequest("an upload called /etc/passwd", 400, "PATCH", "/v2/a/blobs/uploads/%2fetc%2fpasswd", body: [1]),
      HostileRequest("an upload with a zero byte", 404, "PATCH", "{upload}%00", body: [1]),
      HostileRequest(
        "an upload in capitals", 404, "PUT",
        "/v2/a/blobs/uploads/" + String(repeating: "A", count: 32) + "?digest=" + digest, body: [1]),
      HostileRequest("an upload of another's", 404, "GET", "/v2/a/blobs/uploads/" + upload),
      HostileRequest("a path through the root", 404, "GET", "/v2/../../../etc/passwd"),
      HostileRequest("a path through an endpoint", 400, "GET", "/v2/a/manifests/../../../etc/manifests/x"),
      HostileRequest("a path to the data folder", 404, "GET", "/catalog.sqlite"),
      HostileRequest("a path of slashes", 404, "GET", String(repeating: "/", count: 4_000)),
      HostileRequest("a path of dots", 404, "GET", "/v2/" + String(repeating: "../", count: 2_000)),
      HostileRequest("a path of backslashes", 404, "GET", "/v2\\a\\manifests\\v1"),
      HostileRequest("an absolute target that walks", 404, "GET", "http://registry.example/../../etc/passwd"),
      HostileRequest("an absolute target of a file", 404, "GET", "file:///etc/passwd"),
      HostileRequest("an absolute target of nothing", 404, "GET", "http://"),
      HostileRequest("a target that is no path", 400, "GET", "etc/passwd"),
      HostileRequest("a target of an asterisk", 404, "OPTIONS", "*"),
      HostileRequest("a tunnel", 404, "CONNECT", "registry.example:22"),
      HostileRequest("a name of 256 bytes", 400, "GET", "/v2/" + String(repeating: "a", count: 256) + "/tags/list"),
      HostileRequest(
        "a name of 3,000 components", 400, "GET", "/v2/" + String(repeating: "a/", count: 3_000) + "a/tags/list"),
      HostileRequest("a tag of 129 bytes", 404, "GET", "/v2/a/manifests/" + String(repeating: "a", count: 129)),
      HostileRequest("a digest of 63 digits", 400, "GET", "/v2/a/blobs/sha256:" + String(repeating: "0", count: 63)),
      HostileRequest("a digest of 65 digits", 400, "GET", "/v2/a/blobs/sha256:" + String(repeating: "0", count: 65)),
      HostileRequest("a digest in capitals", 400, "GET", "/v2/a/blobs/sha256:" + String(repeating: "A", count: 64)),
      HostileRequest(
        "a digest of full-width digits", 400, "GET", "/v2/a/blobs/sha256:" + String(repeating: "%EF%BC%90", count: 64)),
      HostileRequest("a digest of sha1", 400, "GET", "/v2/a/blobs/sha1:da39a3ee5e6b4b0d3255bfef95601890afd80709"),
      HostileRequest("a digest without an algorithm", 400, "GET", "/v2/a/blobs/:" + String(repeating: "0", count: 64)),
      HostileRequest(
        "a digest of sha512 as short as one of sha256", 400, "GET",
        "/v2/a/blobs/sha512:" + String(repeating: "0", count: 64)),
    ]
}
