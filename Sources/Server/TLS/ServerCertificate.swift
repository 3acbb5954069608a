import NIOSSL

/// A certificate, with the chain to its authority and its private key, that TLS connections can be made with.
struct ServerCertificate: Sendable {
  /// What connections are made from: TLS 1.2 and newer, HTTP/1.1.
  let context: NIOSSLContext

  /// Takes a certificate and its key as PEM. Blocks, as it computes and may read files of the system.
  ///
  /// - Parameters:
  ///   - certificate: the server's certificate first, then those of the authorities between it and the root.
  ///   - key: the private key, which is not encrypted.
  /// - Throws: ``CertificateError`` where one of them is none, or where they do not belong together.
  init(certificate: [UInt8], key: [UInt8]) throws(CertificateError) {
    let chain: [NIOSSLCertificate]
    do {
      chain = try NIOSSLCertificate.fromPEMBytes(certificate)
    } catch {
      throw .notACertificate
    }
    guard !chain.isEmpty else { throw .notACertificate }
    let privateKey: NIOSSLPrivateKey
    do {
      privateKey = try NIOSSLPrivateKey(bytes: key, format: .pem) { setter in setter([]) }
    } catch {
      throw .notAKey
    }
    var configuration = TLSConfiguration.makeServerConfiguration(
      certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(privateKey))
    configuration.minimumTLSVersion = .tlsv12
    configuration.applicationProtocols = ["http/1.1"]
    do {
      // BoringSSL compares the public key of the certificate with that of the private key.
      context = try NIOSSLContext(configuration: configuration)
    } catch {
      throw .mismatch
    }
  }
}

/// Why a certificate and a key cannot be used.
enum CertificateError: Error, Equatable {
  case notACertificate
  case notAKey
  case mismatch
}

extension CertificateError: CustomStringConvertible {
  var description: String {
    switch self {
    case .notACertificate:
      "tls-certificate is not a chain of PEM certificates: it has blocks that begin with -----BEGIN CERTIFICATE-----, "
        + "the server's own first"
    case .notAKey:
      "tls-key is not a PEM private key without a passphrase: it has one block that begins with "
        + "-----BEGIN PRIVATE KEY-----, -----BEGIN EC PRIVATE KEY----- or -----BEGIN RSA PRIVATE KEY-----"
    case .mismatch:
      "tls-key is not the private key of the first certificate in tls-certificate"
    }
  }
}
