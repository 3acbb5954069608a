import Access
import HTTPTypes
import HummingbirdCore

/// A request for an endpoint that takes its method.
struct Call: Sendable {
  let request: Request
  let query: Query
  let body: RequestBytes
  /// Who asks, and from where.
  let caller: Caller
  /// What the client takes the server for.
  let origin: RequestOrigin

  var method: HTTPRequest.Method { request.method }
  var headers: HTTPFields { request.headers }

  /// How long the client says that the body is, in bytes; nil where it does not say.
  var contentLength: Int64? { headers[.contentLength].flatMap { Int64($0) } }
}
