import HTTPTypes
import HummingbirdCore
import NIOCore

/// Answers every request that comes without TLS with where to send it instead.
struct RedirectResponder: Sendable {
  /// Where clients find the registry, with TLS; nil for the host that the request names.
  let externalURL: ExternalURL?
  /// The port that TLS is on.
  let tlsPort: Int

  func respond(_ request: Request, _ writer: consuming ResponseWriter) async throws {
    guard let location = location(for: request.head) else {
      try await answer(.badRequest, "the request names no host that it could be sent to; use https://", writer)
      return
    }
    try await answer(.permanentRedirect, "use \(location)", location: location, writer)
  }

  /// The same path at the registry's URL for TLS; nil where the request names no host.
  func location(for head: HTTPRequest) -> String? {
    let path = head.path.flatMap { $0.hasPrefix("/") ? $0 : nil } ?? "/"
    if let externalURL { return "\(externalURL)\(path)" }
    guard let host = head.authority.flatMap({ HostAndPort(parsing: $0) })?.host else { return nil }
    return "https://\(HostAndPort(host: host, port: tlsPort == 443 ? nil : tlsPort))\(path)"
  }

  private func answer(
    _ status: HTTPResponse.Status, _ text: String, location: String? = nil, _ writer: consuming ResponseWriter
  ) async throws {
    let body = ByteBuffer(string: text + "\n")
    var head = HTTPResponse(
      status: status,
      headerFields: [.contentType: "text/plain; charset=utf-8", .contentLength: String(body.readableBytes)])
    head.headerFields[.location] = location
    try await writer.write(response: head, body: ResponseBody(byteBuffer: body))
  }
}
