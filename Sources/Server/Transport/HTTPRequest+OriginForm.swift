import HTTPTypes
import NIOHTTP1
import NIOHTTPTypesHTTP1

extension HTTPRequest {
  /// The request in shared types.
  ///
  /// A target that is a path already, as nearly all are, is taken as it is; only others are parsed as URLs.
  init(originForm head: HTTPRequestHead, isSecure: Bool) throws {
    guard head.uri.utf8.first == UInt8(ascii: "/") else {
      try self.init(head, secure: isSecure, splitCookie: false)
      return
    }
    self.init(
      method: try HTTPRequest.Method(head.method),
      scheme: isSecure ? "https" : "http",
      authority: head.headers.first(name: "host"),
      path: head.uri,
      headerFields: HTTPFields(head.headers, splitCookie: false))
  }
}
