import BlobStorage
import HTTPTypes
import NIOCore
import OCI

/// What a route answers, before any of it is sent.
struct Answer: Sendable {
  /// What is sent behind the head.
  enum Body: Sendable {
    case none
    case bytes(ByteBuffer)
    /// A part of a blob that is open, which is closed once it was sent.
    case blob(any StoredBlob, Range<Int64>)
    /// Bytes that are made while they are sent; `write` is called for each piece.
    case stream(@Sendable (_ write: (ByteBuffer) async throws -> Void) async throws -> Void)
  }

  var status: HTTPResponse.Status
  var fields: HTTPFields
  var body: Body

  init(_ status: HTTPResponse.Status, fields: HTTPFields = [:], body: Body = .none) {
    self.status = status
    self.fields = fields
    self.body = body
  }

  /// A body of JSON text.
  static func json(_ text: String, status: HTTPResponse.Status = .ok, type: String = "application/json") -> Answer {
    var answer = Answer(status, body: .bytes(ByteBuffer(string: text)))
    answer.fields[.contentType] = type
    return answer
  }

  /// The answer that reports an error as the specification has it.
  static func error(_ error: RegistryError) -> Answer {
    json(error.json, status: HTTPResponse.Status(code: error.status))
  }

  /// The length that `Content-Length` says, in bytes; nil where the body is made while it is sent.
  var contentLength: Int64? {
    switch body {
    case .none: 0
    case .bytes(let buffer): Int64(buffer.readableBytes)
    case .blob(_, let range): range.upperBound - range.lowerBound
    case .stream: nil
    }
  }
}

extension HTTPField.Name {
  /// The digest of the content of the response (OCI distribution spec, "Pulling manifests").
  static let dockerContentDigest = HTTPField.Name("Docker-Content-Digest")!
  /// The version of the API, which older clients look for.
  static let dockerDistributionAPIVersion = HTTPField.Name("Docker-Distribution-Api-Version")!
  /// The upload's id, as Docker's clients know it.
  static let dockerUploadUUID = HTTPField.Name("Docker-Upload-UUID")!
  /// The digest of what a pushed manifest refers to.
  static let ociSubject = HTTPField.Name("OCI-Subject")!
  /// The filters that a list of referrers went through.
  static let ociFiltersApplied = HTTPField.Name("OCI-Filters-Applied")!
  /// A tag that a push by digest has set.
  static let ociTag = HTTPField.Name("OCI-Tag")!
  /// What is doubtful about an answer (RFC 7234, section 5.5).
  static let warning = HTTPField.Name("Warning")!
  /// The next page of a list (RFC 8288).
  static let link = HTTPField.Name("Link")!
}
