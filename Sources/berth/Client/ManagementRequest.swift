import Foundation
import NIOHTTP1
import OCI

/// A request to the management API.
struct ManagementRequest: Sendable {
  /// A name and a value of a query; what is nil is left out.
  typealias Parameter = (name: String, value: String?)

  let method: HTTPMethod
  /// The path behind `/api/v1/`; what stands in it are names that need no escaping.
  let path: String
  var query: [Parameter] = []
  /// An object of the API's document.
  var body: (any Encodable & Sendable)?

  /// Asks for something.
  static func get(_ path: String, _ query: [Parameter] = []) -> Self {
    Self(method: .GET, path: path, query: query)
  }

  /// Has something made or done.
  static func post(_ path: String, query: [Parameter] = [], _ body: (any Encodable & Sendable)? = nil) -> Self {
    Self(method: .POST, path: path, query: query, body: body)
  }

  /// Puts something in the place that the path names.
  static func put(_ path: String, _ body: any Encodable & Sendable) -> Self {
    Self(method: .PUT, path: path, body: body)
  }

  /// Changes something.
  static func patch(_ path: String, _ body: any Encodable & Sendable) -> Self {
    Self(method: .PATCH, path: path, body: body)
  }

  /// Has something deleted.
  static func delete(_ path: String, query: [Parameter] = []) -> Self {
    Self(method: .DELETE, path: path, query: query)
  }

  /// The request's target on a server.
  func url(on server: ServerAddress) -> String {
    let items = query.compactMap { name, value in value.map { "\(name)=\(PercentEncoding.encode($0))" } }
    return "\(server)/api/v1/\(path)" + (items.isEmpty ? "" : "?" + items.joined(separator: "&"))
  }

  /// The request for the page that follows, where the answer names one (RFC 8288, `rel="next"`).
  func next(_ headers: HTTPHeaders) -> ManagementRequest? {
    guard let link = headers.first(name: "Link"), link.hasSuffix(#">; rel="next""#),
      let target = URLComponents(string: String(link.prefix { $0 != ">" }.dropFirst())), let items = target.queryItems
    else { return nil }
    var next = self
    // The server's word for where to go on is taken, and not for which server or path.
    next.query = items.map { ($0.name, $0.value) }
    return next
  }
}
