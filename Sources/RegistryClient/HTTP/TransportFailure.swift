internal import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL

extension RegistryClientError {
  /// What a failure of the connection means, or nil for an error that is none.
  init?(transport error: any Error, host: String) {
    switch error {
    case let error as HTTPClientError where error == .cancelled: return nil
    case is NIOSSLExtraError:
      self.init(.tls, "\(host) shows a certificate that is not for this name: \(error)", host: host)
    case let error as NIOSSLError:
      self.init(tls: error, host: host)
    case is HTTPParserError:
      self.init(.unavailable, "\(host) does not speak HTTP properly: \(error)", host: host)
    case is NIOTooManyBytesError:
      self.init(.invalidAnswer, "\(host) answered more than is taken for such an answer", host: host)
    case is HTTPClientError, is NIOConnectionError, is IOError, is ChannelError:
      self.init(.unavailable, "\(host) cannot be reached: \(Self.reason(error))", host: host)
    default: return nil
    }
  }

  private init(tls error: NIOSSLError, host: String) {
    switch error {
    case .handshakeFailed(let reason) where "\(reason)".contains("CERTIFICATE_VERIFY_FAILED"):
      self.init(
        .tls,
        "\(host) shows a certificate that no trusted authority has signed; put its authority's certificate into "
          + "certs.d/\(host)/ca.crt", host: host)
    case .handshakeFailed(let reason) where "\(reason)".contains("WRONG_VERSION_NUMBER"):
      self.init(.tls, "\(host) does not speak TLS; it may be a registry over plain HTTP", host: host)
    case .handshakeFailed(.sslError): self.init(.tls, "no TLS can be agreed upon with \(host): \(error)", host: host)
    default: self.init(.unavailable, "\(host) cannot be reached: \(error)", host: host)
    }
  }

  private static func reason(_ error: any Error) -> String {
    switch error {
    case let error as HTTPClientError where error == .connectTimeout: "no connection was made in time"
    case let error as HTTPClientError where error == .readTimeout: "it was silent for too long"
    case let error as HTTPClientError where error == .writeTimeout: "it took no bytes for too long"
    case let error as HTTPClientError where error == .proxyAuthenticationRequired:
      "the proxy wants to know who comes; a user and a password go into the proxy's address"
    case let error as HTTPClientError where error == .invalidProxyResponse: "the proxy does not connect to it"
    case let error as HTTPClientError where error == .remoteConnectionClosed: "it closed the connection"
    default: ConnectionReason.text(error)
    }
  }
}
