/// What a registry answers when it refuses (OCI distribution spec, "Error Codes").
public struct RegistryError: Error, Hashable, Sendable {
  /// The codes of the specification, and of what clients know beyond it.
  public enum Code: String, CaseIterable, Sendable {
    case blobUnknown = "BLOB_UNKNOWN"
    case blobUploadInvalid = "BLOB_UPLOAD_INVALID"
    case blobUploadUnknown = "BLOB_UPLOAD_UNKNOWN"
    case digestInvalid = "DIGEST_INVALID"
    case manifestBlobUnknown = "MANIFEST_BLOB_UNKNOWN"
    case manifestInvalid = "MANIFEST_INVALID"
    case manifestUnknown = "MANIFEST_UNKNOWN"
    case nameInvalid = "NAME_INVALID"
    case nameUnknown = "NAME_UNKNOWN"
    case paginationNumberInvalid = "PAGINATION_NUMBER_INVALID"
    case rangeInvalid = "RANGE_INVALID"
    case sizeInvalid = "SIZE_INVALID"
    case tagInvalid = "TAG_INVALID"
    case unauthorized = "UNAUTHORIZED"
    case denied = "DENIED"
    case unsupported = "UNSUPPORTED"
    case tooManyRequests = "TOOMANYREQUESTS"
    case unavailable = "UNAVAILABLE"
    case unknown = "UNKNOWN"

    /// The HTTP status that goes with the code where no other is said.
    public var status: Int {
      switch self {
      case .blobUnknown, .blobUploadUnknown, .manifestUnknown, .nameUnknown: 404
      case .blobUploadInvalid, .digestInvalid, .manifestBlobUnknown, .manifestInvalid, .nameInvalid,
        .paginationNumberInvalid, .sizeInvalid, .tagInvalid:
        400
      case .rangeInvalid: 416
      case .unauthorized: 401
      case .denied: 403
      case .unsupported: 405
      case .tooManyRequests: 429
      case .unavailable: 503
      case .unknown: 500
      }
    }
  }

  /// The code that clients act on.
  public let code: Code
  /// What was wrong and what would be right, for people.
  public let message: String
  /// Names and values that say more, such as the digest that is missing.
  public let detail: [String: String]
  /// The HTTP status.
  public let status: Int

  /// Makes an error; the status is the code's own unless another is given.
  public init(_ code: Code, _ message: String, detail: [String: String] = [:], status: Int? = nil) {
    self.code = code
    self.message = message
    self.detail = detail
    self.status = status ?? code.status
  }

  /// The body of the answer: `{"errors": [{"code", "message", "detail"}]}`.
  public var json: String { JSONText.object(members) }

  /// The one member of the body, its name and its JSON.
  public var members: [(String, String)] {
    var members = [
      ("code", JSONText.string(code.rawValue)),
      ("message", JSONText.string(message)),
    ]
    if !detail.isEmpty {
      let detail = detail.sorted { $0.key < $1.key }.map { ($0.key, JSONText.string($0.value)) }
      members.append(("detail", JSONText.object(detail)))
    }
    return [("errors", JSONText.array([JSONText.object(members)]))]
  }
}
