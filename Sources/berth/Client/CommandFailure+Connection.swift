import NIOSSL
import RegistryClient

extension CommandFailure {
  /// Says why a server cannot be spoken to, and what to look at.
  init(noAnswerFrom server: ServerAddress, _ error: any Error) {
    guard error is NIOSSLError || error is NIOSSLExtraError || error is BoringSSLError else {
      self.init(
        "no server answers at \(server): \(ConnectionReason.text(error)); is it running, and is --server right?")
      return
    }
    // BoringSSL's reasons are known by their names in the text alone.
    let reason = String(describing: error)
    if reason.contains("CERTIFICATE_VERIFY_FAILED") {
      self.init(
        "the certificate of \(server) is not trusted: where an authority of your own signed it, give the authority's "
          + "certificate by --ca FILE or BERTH_CA")
    } else if reason.contains("WRONG_VERSION_NUMBER") {
      self.init("\(server) does not speak TLS: is it http://\(server.host)?")
    } else {
      self.init("there is no TLS connection to \(server): \(reason)")
    }
  }
}
