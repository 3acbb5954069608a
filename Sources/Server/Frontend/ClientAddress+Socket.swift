import Access
import NIOCore

extension ClientAddress {
  /// The address at the other end of a connection; unknown where it is no IP address.
  init(_ peer: SocketAddress?) {
    self = peer?.ipAddress.flatMap { ClientAddress(parsing: $0) } ?? .unknown
  }
}
