public import OCI

/// The credentials that `login` keeps and `logout` removes, where Docker and others find them, too.
///
/// They are written to the file that `REGISTRY_AUTH_FILE` names, or else to Docker's `config.json`, in `DOCKER_CONFIG` or
/// `~/.docker`; or they are given to the credential helper that this file names for the registry.
public struct Logins: Sendable {
  private let places: ConfigurationPlaces

  /// Keeps credentials where a process with this environment has to.
  public init(environment: [String: String]) {
    places = ConfigurationPlaces(environment: environment)
  }

  /// The file that credentials are written to, or that names the helper that keeps them.
  public var path: String { places.loginFile }

  /// Makes sure that the file can be understood, before anybody is asked for a password.
  ///
  /// - Returns: whether there is one.
  /// - Throws: `InvalidConfiguration`.
  @discardableResult
  public func check() async throws -> Bool {
    try await ConfigurationThread.run { [path] in try AuthFile.read(path) != nil }
  }

  /// Keeps a name and a password in place of what was kept for the registry.
  ///
  /// - Returns: where it is kept, as messages say it: a file's path, or a helper's name.
  /// - Throws: `InvalidConfiguration`.
  public func store(user: String, password: String, for host: RegistryHost) async throws -> String {
    try await change(host) { file, helper in
      guard let helper else {
        file.setCredential(user: user, password: password, for: host)
        return file.authFile.place
      }
      try helper.store(user: user, password: password, for: host)
      file.setKeptByHelper(host)
      return helper.program
    }
  }

  /// Removes what is kept for a registry as a whole, from the file and from its helper.
  ///
  /// - Returns: where it was, as messages say it; nil where nothing was kept.
  /// - Throws: `InvalidConfiguration`.
  public func remove(for host: RegistryHost) async throws -> String? {
    guard try await check() else { return nil }
    return try await change(host) { file, helper in
      let wasInFile = file.removeCredentials(for: host)
      if let helper, try helper.erase(host) { return helper.program }
      return wasInFile ? file.authFile.place : nil
    }
  }

  private func change<Success: Sendable>(
    _ host: RegistryHost,
    _ body: @escaping @Sendable (inout DockerConfiguration, CredentialHelper?) throws -> Success
  ) async throws -> Success {
    try await ConfigurationThread.run { [places] in
      try DockerConfiguration.update(places.loginFile) { file in
        let helper = try file.authFile.helper(for: host, nil).map { name throws(InvalidConfiguration) in
          try CredentialHelper(name, environment: places.environment, place: file.authFile.place)
        }
        return try body(&file, helper)
      }
    }
  }
}
