import NIOCore

extension SocketAddress {
  /// Address and port as they stand in a URL, such as `127.0.0.1:5000` or `[::1]:5000`; nil for what is no IP address.
  var hostAndPort: String? {
    guard let host = ipAddress, let port else { return nil }
    return host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port)" : "\(host):\(port)"
  }
}
