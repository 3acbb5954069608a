internal import OCI

/// The folders of Docker and Podman with a registry's certificates, `certs.d/HOST[:PORT]` (containers-certs.d(5)).
struct CertificateFolders: Sendable {
  private var settings: [RegistryHost: Result<TLSSettings, InvalidConfiguration>] = [:]

  /// Looks into folders; the first of them that has one for a registry counts alone.
  ///
  /// A registry's folder with something missing in it is an error for that registry only.
  init(_ folders: [String]) throws(InvalidConfiguration) {
    for folder in folders {
      for name in try ConfigurationFile.names(in: folder) {
        guard let host = try? RegistryHost(parsing: name), settings[host] == nil else { continue }
        let result = Result { () throws(InvalidConfiguration) in try Self.read("\(folder)/\(name)") }
        if case .success(nil) = result { continue }
        settings[host] = result.map { $0 ?? TLSSettings() }
      }
    }
  }

  /// The settings of a registry; nil where no folder has any.
  func settings(for host: RegistryHost) throws(InvalidConfiguration) -> TLSSettings? {
    try settings[host]?.get()
  }

  private static func read(_ folder: String) throws(InvalidConfiguration) -> TLSSettings? {
    let names = try ConfigurationFile.names(in: folder)
    let authorities = names.filter { $0.hasSuffix(".crt") }
    let certificates = names.filter { $0.hasSuffix(".cert") }
    for key in names where key.hasSuffix(".key") && !names.contains("\(key.dropLast(4)).cert") {
      throw InvalidConfiguration(folder, "\(quoted(key)) is a key without its certificate, \(key.dropLast(4)).cert")
    }
    guard certificates.count <= 1 else {
      throw InvalidConfiguration(folder, "there is more than one client certificate (.cert), and one can be shown")
    }
    var client: TLSSettings.ClientCertificate?
    if let certificate = certificates.first {
      let key = "\(certificate.dropLast(5)).key"
      guard names.contains(key) else {
        throw InvalidConfiguration(folder, "\(quoted(certificate)) is a client certificate without its key, \(key)")
      }
      client = TLSSettings.ClientCertificate(certificate: "\(folder)/\(certificate)", key: "\(folder)/\(key)")
    }
    guard client != nil || !authorities.isEmpty else { return nil }
    return TLSSettings(authorities: authorities.map { "\(folder)/\($0)" }, clientCertificate: client)
  }
}
