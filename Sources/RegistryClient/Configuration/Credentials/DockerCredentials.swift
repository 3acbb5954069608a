public import OCI
internal import Locks
internal import NIOPosix

/// Credentials where people keep them: in the environment, in the files of Docker and Podman, and with their helpers.
///
/// `DOCKER_AUTH_CONFIG`, which holds such a file's text, is asked first; then the file that `REGISTRY_AUTH_FILE` names;
/// `config.json` in `DOCKER_CONFIG` or `~/.docker`; `containers/auth.json` in `XDG_RUNTIME_DIR`; and
/// `containers/auth.json` in `XDG_CONFIG_HOME` or `~/.config`. The first of them that has anything for a repository
/// counts. Within one, its helper for the registry is asked before its entries, and the entry with the longest key wins:
/// `registry.example.org/team` before `registry.example.org`.
///
/// Files are read each time, so that a login counts at once; what a helper said is remembered for a minute.
public struct DockerCredentials: CredentialSource {
  /// A credential, and where it was found.
  public struct Found: Sendable, Equatable {
    /// The credential.
    public let credential: RegistryCredential
    /// Where it was found, as messages say it: `the login in /home/alice/.docker/config.json`.
    public let origin: String
  }

  private struct Question: Hashable, Sendable {
    let helper: String
    let host: RegistryHost
  }

  private struct Answer: Sendable {
    let credential: RegistryCredential?
    let end: ContinuousClock.Instant
  }

  private let places: ConfigurationPlaces
  private let memory: Duration
  private let answers = Locked<[Question: Answer]>([:])

  /// Looks where a process with this environment has to.
  public init(environment: [String: String]) {
    self.init(ConfigurationPlaces(environment: environment), memory: .seconds(60))
  }

  /// - Parameter memory: how long the answer of a helper is remembered.
  init(_ places: ConfigurationPlaces, memory: Duration) {
    self.places = places
    self.memory = memory
  }

  /// What to show a registry for a repository, or for the registry as a whole where that is nil.
  ///
  /// - Returns: nil where nothing is kept.
  /// - Throws: `InvalidConfiguration`.
  public func credential(
    for host: RegistryHost, repository: RepositoryName?
  ) async throws -> RegistryCredential? {
    try await find(for: host, repository: repository)?.credential
  }

  /// What to show a registry, and where that was found.
  ///
  /// - Returns: nil where nothing is kept.
  /// - Throws: `InvalidConfiguration`.
  public func find(for host: RegistryHost, repository: RepositoryName?) async throws -> Found? {
    try await ConfigurationThread.run { try search(host, repository) }
  }

  private func search(_ host: RegistryHost, _ repository: RepositoryName?) throws(InvalidConfiguration) -> Found? {
    if let text = places.variable("DOCKER_AUTH_CONFIG") {
      let file = try AuthFile(parsing: Array(text.utf8), place: "DOCKER_AUTH_CONFIG")
      if let found = try search(file, host, repository) { return found }
    }
    for path in places.authFiles {
      guard let file = try AuthFile.read(path) else { continue }
      if let found = try search(file, host, repository) { return found }
    }
    return nil
  }

  private func search(
    _ file: AuthFile, _ host: RegistryHost, _ repository: RepositoryName?
  ) throws(InvalidConfiguration) -> Found? {
    if let name = try file.helper(for: host, repository) {
      let helper = try CredentialHelper(name, environment: places.environment, place: file.place)
      if let credential = try ask(helper, host) {
        return Found(credential: credential, origin: "what \(helper.program) keeps, which \(file.place) names")
      }
    }
    return try file.credential(for: host, repository).map {
      Found(credential: $0, origin: "the login in \(file.place)")
    }
  }

  /// Asks a helper once for all who want the same: there is one thread, so the others find its answer remembered.
  private func ask(_ helper: CredentialHelper, _ host: RegistryHost) throws(InvalidConfiguration) -> RegistryCredential?
  {
    let question = Question(helper: helper.program, host: host)
    if let answer = answers.withLock({ $0[question] }), ContinuousClock.now < answer.end { return answer.credential }
    let credential = try helper.credential(for: host)
    answers.withLock { $0[question] = Answer(credential: credential, end: .now + memory) }
    return credential
  }
}
