import HTTPTypes

/// What a request is for, as metrics and the access log name it: few, so that series stay few.
public enum RouteName: String, CaseIterable, Sendable {
  /// `/v2/`.
  case ping
  /// `/v2/_catalog`.
  case catalog
  /// `/v2/<name>/tags/list`.
  case tags
  /// `/v2/<name>/manifests/<reference>`.
  case manifest
  /// `/v2/<name>/blobs/<digest>`.
  case blob
  /// `/v2/<name>/blobs/uploads/…`.
  case upload
  /// `/v2/<name>/referrers/<digest>`.
  case referrers
  /// `/token` and the keys of its tokens.
  case token
  /// `/api/…`.
  case management
  /// `/healthz` and `/readyz`.
  case health
  /// `/metrics`.
  case metrics
  /// Anything else.
  case unknown
}

extension RouteName {
  /// The position among all cases, without a search.
  var index: Int {
    switch self {
    case .ping: 0
    case .catalog: 1
    case .tags: 2
    case .manifest: 3
    case .blob: 4
    case .upload: 5
    case .referrers: 6
    case .token: 7
    case .management: 8
    case .health: 9
    case .metrics: 10
    case .unknown: 11
    }
  }
}

/// The method of a request as a metrics label: a client can send any word, which must not make a series.
enum MethodName: Int, CaseIterable {
  case get, head, put, post, patch, delete, other

  init(_ method: HTTPRequest.Method) {
    switch method {
    case .get: self = .get
    case .head: self = .head
    case .put: self = .put
    case .post: self = .post
    case .patch: self = .patch
    case .delete: self = .delete
    default: self = .other
    }
  }

  var label: String {
    self == .other ? "other" : "\(self)".uppercased()
  }
}
