import OCI
import Testing

/// Bytes that somebody sends who wishes a registry ill, and the status they are answered with.
struct HostileRequest: Sendable, CustomTestStringConvertible {
  let name: String
  let status: Int
  /// `{upload}` stands for the path of an upload that holds ten bytes, and `{blob}` for the digest of a blob.
  let head: String
  /// What follows as it is.
  let body: [UInt8]

  var testDescription: String { name }

  init(_ name: String, _ status: Int, head: String, body: [UInt8] = []) {
    self.name = name
    self.status = status
    self.head = head
    self.body = body
  }

  /// A request that is well formed as HTTP; `Content-Length` goes with a body.
  init(
    _ name: String, _ status: Int, _ method: String = "GET", _ target: String, _ fields: [String] = [],
    body: [UInt8]? = nil
  ) {
    var fields = fields
    if let body { fields.append("Content-Length: \(body.count)") }
    let lines = ["\(method) \(target) HTTP/1.1", "Host: registry.example"] + fields
    self.init(name, status, head: lines.map { $0 + "\r\n" }.joined() + "\r\n", body: body ?? [])
  }

  /// The bytes to send to a server that has the upload and the blob.
  func bytes(upload: String, blob: Digest) -> [UInt8] {
    let head = head.replacing("{upload}", with: upload).replacing("{blob}", with: blob.description)
    return Array(head.utf8) + body
  }

  static let all = paths + queries + ranges + chunks + framings + manifests + garbage

  static let digest = "sha256:" + String(repeating: "0", count: 64)
  static let upload = String(repeating: "0", count: 32)
}
