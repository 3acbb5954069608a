import ArgumentParser
import Foundation
import NIOSSL
import RegistryClient

/// Which server a command speaks to, and what it shows it.
struct Connection: Sendable {
  let server: ServerAddress
  /// Nil where nobody gave one: what is open to everybody needs none.
  let credential: Credential?
  /// The certificates that are trusted along with the system's.
  let authorities: [NIOSSLCertificate]

  /// Connects with a credential, or as anybody.
  init(to server: ServerAddress, credential: Credential?, authorities: [NIOSSLCertificate]) {
    self.server = server
    self.credential = credential
    self.authorities = authorities
  }
}

/// The options that say which server a command speaks to, and who calls.
struct ConnectionOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The server: host[:port] or a URL (BERTH_SERVER; else \(ServerAddress.standard)).", valueName: "url"))
  var server: String?

  @Option(help: "A token to show it (BERTH_TOKEN; else what `berth login` stored).")
  var token: String?

  @OptionGroup var trust: TrustOptions

  /// What the options say, then the environment, then what `berth login` and Docker's own keep for the server.
  func connection(environment: [String: String]) async throws -> Connection {
    let server = try ServerAddress(argument: server, environment: environment)
    var credential = try credential(environment)
    if credential == nil {
      let stored = try await DockerCredentials(environment: environment).find(for: server.registry, repository: nil)
      credential = try stored.map { try Credential($0) }
    }
    return Connection(to: server, credential: credential, authorities: try trust.authorities(environment: environment))
  }

  private func credential(_ environment: [String: String]) throws -> Credential? {
    do {
      if let token { return try Credential(token: token, origin: "--token") }
      return try environment.text("BERTH_TOKEN").map { try Credential(token: $0, origin: "BERTH_TOKEN") }
    } catch let error as InvalidCredential {
      throw ValidationError(error.description)
    }
  }
}

/// The option that names certificates to trust.
struct TrustOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A PEM file of certificate authorities to trust along with the system's (BERTH_CA).", valueName: "file"))
  var ca: String?

  /// The file that the option, or else the environment, names.
  func path(environment: [String: String]) -> String? { ca ?? environment.text("BERTH_CA") }

  /// The certificates of that file.
  func authorities(environment: [String: String]) throws -> [NIOSSLCertificate] {
    guard let path = path(environment: environment) else { return [] }
    let certificates: [NIOSSLCertificate]
    do {
      certificates = try NIOSSLCertificate.fromPEMFile(path)
    } catch {
      throw CommandFailure("\(path) cannot be read as certificates in PEM, one or more: \(error)")
    }
    guard !certificates.isEmpty else { throw CommandFailure("there is no certificate in \(path)") }
    return certificates
  }
}

extension ServerAddress {
  /// Reads what was written on the command line, or else in the environment.
  init(argument: String?, environment: [String: String]) throws {
    guard let text = argument ?? environment.text("BERTH_SERVER") else {
      self = .standard
      return
    }
    do throws(InvalidServerAddress) {
      try self.init(parsing: text)
    } catch {
      throw ValidationError(error.description)
    }
  }
}

extension [String: String] {
  /// The value of a variable; one that is empty counts as not set.
  func text(_ variable: String) -> String? {
    self[variable].flatMap { $0.isEmpty ? nil : $0 }
  }
}
