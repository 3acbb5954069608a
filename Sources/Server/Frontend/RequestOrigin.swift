import Access
import HTTPTypes
import NIOCore

/// Where a request comes from, and what the client takes the server for: as the connection has it, or as the proxies in
/// between tell it.
struct RequestOrigin: Hashable, Sendable {
  /// The client's address.
  var address: ClientAddress
  /// `https` or `http`, as the client uses it.
  var scheme: String
  /// The host that the client asked for; nil where the request does not tell.
  var host: HostAndPort?

  /// Takes `X-Forwarded-For`, `X-Forwarded-Proto` and `X-Forwarded-Host` from a proxy that is trusted, and from nobody
  /// else, since every client can write them. What makes no sense is left out.
  ///
  /// Each proxy adds the address that it was asked from at the right. Going left from the connection, the first address
  /// that is no proxy's is the client's; what stands left of it, the client wrote. Of a scheme or host that stands there
  /// several times the last is taken, which is the one that the nearest proxy wrote.
  ///
  /// - Parameters:
  ///   - head: of the request, whose scheme says whether the connection has TLS.
  ///   - peer: the other end of the connection.
  ///   - proxies: whose word is taken.
  init(_ head: HTTPRequest, peer: SocketAddress?, proxies: TrustedProxies) {
    address = ClientAddress(peer)
    scheme = head.scheme ?? "http"
    host = head.authority.flatMap { HostAndPort(parsing: $0) }
    guard !proxies.networks.isEmpty, proxies.contains(address) else { return }

    for text in Self.elements(of: .xForwardedFor, in: head).reversed() {
      guard proxies.contains(address), let next = Self.address(text) else { break }
      address = next
    }
    switch Self.elements(of: .xForwardedProto, in: head).last?.lowercased() {
    case "https": scheme = "https"
    case "http": scheme = "http"
    default: break
    }
    if let forwarded = Self.elements(of: .xForwardedHost, in: head).last.flatMap({ HostAndPort(parsing: $0) }) {
      host = forwarded
    }
  }

  /// The elements of a list, over all fields of the name (RFC 9110, section 5.6.1).
  private static func elements(of name: HTTPField.Name, in head: HTTPRequest) -> [Substring] {
    head.headerFields[values: name].flatMap { value in
      value.split(separator: ",", omittingEmptySubsequences: false).map { element in
        var element = element.drop { $0 == " " || $0 == "\t" }
        while element.last == " " || element.last == "\t" { element.removeLast() }
        return element
      }
    }
  }

  /// An address, which some proxies write with a port, or in brackets.
  private static func address(_ text: Substring) -> ClientAddress? {
    if let address = ClientAddress(parsing: text) { return address }
    guard let host = HostAndPort(parsing: text)?.host else { return nil }
    return ClientAddress(parsing: host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host)
  }
}

extension HTTPField.Name {
  fileprivate static let xForwardedFor = Self("X-Forwarded-For")!
  fileprivate static let xForwardedProto = Self("X-Forwarded-Proto")!
  fileprivate static let xForwardedHost = Self("X-Forwarded-Host")!
}
