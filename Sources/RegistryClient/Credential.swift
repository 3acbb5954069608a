public import OCI

/// What a registry, or the token service that it names, is shown.
public enum RegistryCredential: Sendable, Equatable {
  /// A name and a password, or a token that stands in its place.
  case password(user: String, password: String)
  /// A refresh token, which a token service exchanges for access tokens (OAuth 2.0, RFC 6749, section 6).
  case identityToken(String)
  /// A token that the registry itself takes as it is.
  case registryToken(String)
}

extension RegistryCredential: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// The kind of the credential and nothing that is secret.
  public var description: String {
    switch self {
    case .password: "a password"
    case .identityToken: "an identity token"
    case .registryToken: "a registry token"
    }
  }

  /// The same as `description`, so that a dump shows no secret.
  public var debugDescription: String { description }

  /// Nothing, so that a dump shows no secret.
  public var customMirror: Mirror { Mirror(self, children: []) }
}

/// Where credentials are looked up, such as the files of Docker's client.
public protocol CredentialSource: Sendable {
  /// What to show a registry for a repository, or for the registry as a whole where that is nil.
  ///
  /// - Returns: nil where nothing is kept, and the registry is to be asked anonymously.
  func credential(for host: RegistryHost, repository: RepositoryName?) async throws -> RegistryCredential?
}

/// No credentials: every registry is asked anonymously.
public struct AnonymousCredentials: CredentialSource {
  /// Makes a source that holds nothing.
  public init() {}

  /// Answers nil.
  public func credential(for host: RegistryHost, repository: RepositoryName?) -> RegistryCredential? { nil }
}
