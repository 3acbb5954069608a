internal import Foundation

/// A proxy that is spoken to over HTTP: what goes to it over TLS it passes on unseen (RFC 9110, section 9.3.6).
struct ProxyServer: Hashable, Sendable {
  /// Its name or address, an IPv6 address without brackets.
  let host: String
  let port: Int
  /// What it is shown, where it asks who comes.
  let user: String?
  let password: String?

  /// Reads `http://proxy.example.org:3128`, which may lack the scheme, and may hold a user with a password.
  ///
  /// - Returns: nil for what is no such address, and for proxies that want to be spoken to in another way.
  init?(_ text: String) {
    let whole = text.contains("://") ? text : "http://\(text)"
    guard whole.utf8.allSatisfy({ (0x21...0x7e).contains($0) }), let url = URL(string: whole),
      url.scheme?.lowercased() == "http", let host = url.host(percentEncoded: false), !host.isEmpty
    else { return nil }
    let port = url.port ?? 80
    guard (1...65_535).contains(port) else { return nil }
    self.host = host.trimmingCharacters(in: ["[", "]"])
    self.port = port
    user = url.user(percentEncoded: false)
    password = url.password(percentEncoded: false)
  }
}
