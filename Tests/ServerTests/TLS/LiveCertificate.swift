import Foundation
import HummingbirdCore
import Logging
import TestSupport

@testable import Server

/// A certificate and a key in files, as a server watches them.
struct LiveCertificate {
  let authority: TestAuthority
  let certificatePath: String
  let keyPath: String

  /// Makes an authority and a first certificate in a folder.
  init(in folder: String) throws {
    authority = try TestAuthority()
    certificatePath = "\(folder)/certificate.pem"
    keyPath = "\(folder)/key.pem"
    try write(try authority.issue())
  }

  /// Replaces both files.
  func write(_ new: TestCertificate) throws {
    try write(new.certificate, new.key)
  }

  /// Replaces both files by texts that need not be what they should.
  func write(_ certificate: String, _ key: String) throws {
    try Data(certificate.utf8).write(to: URL(filePath: certificatePath), options: .atomic)
    try Data(key.utf8).write(to: URL(filePath: keyPath), options: .atomic)
  }

  /// What a server makes of the files, which looks at them again when it is asked to.
  func watched() async throws -> WatchedFiles<ServerCertificate> {
    var settings = Settings()
    settings.tlsCertificate = certificatePath
    settings.tlsKey = keyPath
    let watched = try await settings.watchedCertificate(
      logger: Logger(label: "certificate", factory: { _ in SwiftLogNoOpLogHandler() }))
    guard let watched else { throw NotWatched() }
    return watched
  }

  private struct NotWatched: Error {}
}

/// Runs a transport with TLS and a responder of the test on a free port.
func withTLS<Success: Sendable>(
  _ configuration: TransportConfiguration = TransportConfiguration(),
  responder: @escaping RegistryChannel.Responder,
  _ test: (_ port: Int, _ authority: String) async throws -> Success
) async throws -> Success {
  try await withTemporaryFolder { folder in
    let live = try LiveCertificate(in: folder)
    return try await withTransport(configuration, tls: try await live.watched(), responder: responder) { port in
      try await test(port, live.authority.certificate)
    }
  }
}
