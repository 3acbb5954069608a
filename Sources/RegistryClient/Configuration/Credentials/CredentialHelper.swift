internal import Foundation
internal import Glibc
internal import OCI
internal import Processes

/// A program that keeps credentials, `docker-credential-NAME`, by the protocol of Docker's credential helpers.
///
/// Each call runs the program, and blocks the thread until it has ended.
struct CredentialHelper: Sendable {
  /// The program's name, `docker-credential-` included.
  let program: String
  private let path: String
  private let environment: [String: String]
  private let timeLimit: Duration
  /// The file that names the helper.
  private let place: String

  /// The most that a helper may write, in bytes.
  private static let outputLimit = 256 << 10

  /// Looks for the program in `PATH`.
  ///
  /// - Parameter timeLimit: how long it may take; a person may have to type a password for it.
  init(
    _ name: String, environment: [String: String], place: String, timeLimit: Duration = .seconds(60)
  ) throws(InvalidConfiguration) {
    // The name becomes a part of a path.
    let isName = name.utf8.allSatisfy { byte in
      isalnum(Int32(byte)) != 0 || [UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: ".")].contains(byte)
    }
    guard isName, !name.isEmpty else {
      throw InvalidConfiguration(
        place, "\(quoted(name)) is no credential helper; one is written as pass")
    }
    let program = "docker-credential-\(name)"
    let folders = (environment["PATH"] ?? "").split(separator: ":").filter { $0.hasPrefix("/") }
    let paths = folders.map { "\($0)/\(program)" }
    guard let path = paths.first(where: { access($0, X_OK) == 0 }) else {
      throw InvalidConfiguration(
        place,
        "it has credentials kept by \(program), and no folder of PATH has that program: install it, or take the "
          + "helper out of the file")
    }
    self.program = program
    self.path = path
    self.environment = environment
    self.timeLimit = timeLimit
    self.place = place
  }

  /// The credential of a registry.
  ///
  /// - Returns: nil where the helper has none.
  func credential(for host: RegistryHost) throws(InvalidConfiguration) -> RegistryCredential? {
    for server in Self.servers(host) {
      let outcome = try run("get", input: server)
      guard outcome.status == 0 else {
        if Self.saysNotFound(outcome) { continue }
        throw failed("get", outcome)
      }
      if let credential = try read(outcome.output) { return credential }
    }
    return nil
  }

  /// Keeps a name and a password.
  func store(user: String, password: String, for host: RegistryHost) throws(InvalidConfiguration) {
    let server = Self.servers(host)[0]
    let input = JSONText.object([
      ("ServerURL", JSONText.string(server)), ("Username", JSONText.string(user)),
      ("Secret", JSONText.string(password)),
    ])
    let outcome = try run("store", input: input)
    guard outcome.status == 0 else { throw failed("store", outcome) }
  }

  /// Forgets what is kept for a registry.
  ///
  /// - Returns: whether anything was.
  func erase(_ host: RegistryHost) throws(InvalidConfiguration) -> Bool {
    var found = false
    // Some helpers say nothing where there was nothing to erase, so they are asked first.
    for server in Self.servers(host) where try run("get", input: server).status == 0 {
      let outcome = try run("erase", input: server)
      guard outcome.status == 0 else { throw failed("erase", outcome) }
      found = true
    }
    return found
  }

  /// The names that a registry may have with a helper: Docker's own name for Docker Hub comes before Podman's.
  private static func servers(_ host: RegistryHost) -> [String] {
    let host = AuthFileKey.canonical(host)
    return host == .dockerHub ? [AuthFileKey.dockerHub, host.description] : [host.description]
  }

  private func run(_ action: String, input: String) throws(InvalidConfiguration) -> Program.Outcome {
    let program = Program(path, [action], environment: environment)
    do {
      return try program.run(input: Array(input.utf8), outputLimit: Self.outputLimit, timeLimit: timeLimit)
    } catch {
      switch error {
      case .system(let code): throw fault("cannot be run: \(String(cString: strerror(code)))")
      case .inputTooLong: throw fault("cannot be given a credential as long as this one")
      case .outputTooLong: throw fault("wrote more than \(Self.outputLimit) bytes")
      case .timedOut: throw fault("did not end within \(timeLimit)")
      }
    }
  }

  private func read(_ output: [UInt8]) throws(InvalidConfiguration) -> RegistryCredential? {
    guard let answer = try? JSONValue(parsing: output), case .string(let user)? = answer["Username"],
      case .string(let secret)? = answer["Secret"]
    else { throw fault("answered what is no JSON object with \"Username\" and \"Secret\"") }
    guard !secret.isEmpty else { return nil }
    return user == "<token>" ? .identityToken(secret) : .password(user: user, password: secret)
  }

  /// Helpers say so on standard output, in words that each shares with Docker's own.
  private static func saysNotFound(_ outcome: Program.Outcome) -> Bool {
    String(decoding: outcome.output, as: UTF8.self).lowercased().contains("credentials not found")
  }

  private func failed(_ action: String, _ outcome: Program.Outcome) -> InvalidConfiguration {
    let bytes = outcome.output.isEmpty ? outcome.errors : outcome.output
    let line = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline).first ?? "no reason"
    return fault("failed to \(action): \(quoted(line))")
  }

  private func fault(_ text: String) -> InvalidConfiguration {
    InvalidConfiguration(place, "its credential helper \(program) \(text)")
  }
}
