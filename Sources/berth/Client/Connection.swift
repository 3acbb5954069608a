import ArgumentParser
import Foundation
import NIOSSL

/// Which server a command speaks to, and what it shows it.
struct Connection: Sendable {
  let server: ServerAddress
  /// Nil where nobody gave one: what is open to everybody needs none.
  let credential: Credential?
  /// The certificates that are trusted along with the system's.
  let authorities: [NIOSSLCertificate]
  /// The program that keeps Docker's credential of the server, where no other was found.
  let credentialHelper: String?

  /// Connects without Docker's configuration.
  init(to server: ServerAddress, credential: Credential, authorities: [NIOSSLCertificate]) {
    self.server = server
    self.credential = credential
    self.authorities = authorities
    credentialHelper = nil
  }

  /// Connects with a token, or with what Docker's configuration holds for the server.
  init(to server: ServerAddress, token: Credential?, authorities: [NIOSSLCertificate], logins path: String) throws {
    self.server = server
    self.authorities = authorities
    if let token {
      credential = token
      credentialHelper = nil
      return
    }
    let logins = try DockerConfiguration(path: path)
    credential = try logins.credential(for: server)
    credentialHelper = credential == nil ? logins.credentialHelper(for: server) : nil
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

  /// What the options say, then the environment, then Docker's configuration.
  func connection(environment: [String: String]) throws -> Connection {
    try Connection(
      to: ServerAddress(argument: server, environment: environment), token: credential(environment),
      authorities: trust.authorities(environment: environment),
      logins: DockerConfiguration.path(environment: environment))
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

  /// The certificates of the file that the option, or else the environment, names.
  func authorities(environment: [String: String]) throws -> [NIOSSLCertificate] {
    guard let path = ca ?? environment.text("BERTH_CA") else { return [] }
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
