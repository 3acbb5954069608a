internal import Foundation
internal import OCI

/// The address of a request: an `http` or `https` URL without a user and without a fragment.
struct WebAddress: Hashable, Sendable {
  /// Whom a request is sent to (RFC 6454): credentials for one origin are no other's business.
  struct Origin: Hashable, Sendable, CustomStringConvertible {
    let isSecure: Bool
    let host: String
    let port: Int

    var description: String { port == (isSecure ? 443 : 80) ? host : "\(host):\(port)" }
  }

  /// The whole URL.
  let text: String
  /// Whom it leads to.
  let origin: Origin

  /// Reads a URL, or a reference that is relative to another one (RFC 3986, section 5).
  ///
  /// - Returns: nil for what is no URL, is not HTTP, or carries a user.
  init?(_ text: some StringProtocol, relativeTo base: WebAddress? = nil) {
    guard text.utf8.count <= 16_384, text.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else { return nil }
    let baseURL = base.flatMap { URL(string: $0.text) }
    guard let url = URL(string: String(text.prefix { $0 != "#" }), relativeTo: baseURL)?.absoluteURL,
      let scheme = url.scheme?.lowercased(), scheme == "http" || scheme == "https",
      let host = url.host(percentEncoded: false)?.lowercased(), !host.isEmpty, url.user() == nil, url.password() == nil
    else { return nil }
    let isSecure = scheme == "https"
    let port = url.port ?? (isSecure ? 443 : 80)
    guard (1...65_535).contains(port) else { return nil }
    self.text = url.absoluteString
    origin = Origin(
      isSecure: isSecure, host: host.contains(":") && !host.hasPrefix("[") ? "[\(host)]" : host, port: port)
  }

  /// The same address with a parameter more.
  func adding(_ name: String, _ value: String) -> WebAddress? {
    WebAddress(text + (text.contains("?") ? "&" : "?") + name + "=" + PercentEncoding.encode(value))
  }

  /// Whether the host is this machine.
  var isLoopback: Bool {
    do {
      return try RegistryHost(parsing: origin.host).isLoopback
    } catch {
      return false
    }
  }
}

extension RegistryEndpoint {
  /// The address of a path at the endpoint.
  ///
  /// - Throws: `RegistryClientError` where the endpoint's host is none.
  func address(_ path: String) throws -> WebAddress {
    guard let address = WebAddress("\(scheme.rawValue)://\(host)\(path)") else {
      throw RegistryClientError(
        .invalidAnswer, "\(quoted(host)) is no host of an endpoint; it reads like registry.example.org:5000", host: host
      )
    }
    return address
  }
}
