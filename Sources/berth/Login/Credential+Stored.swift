import OCI
import RegistryClient

extension Credential {
  /// Takes what `berth login` or another program stored.
  ///
  /// - Throws: `CommandFailure` for what the management API takes none of.
  init(_ stored: DockerCredentials.Found) throws {
    switch stored.credential {
    case .password(let user, let password):
      self.init(user: user, password: password, origin: stored.origin)
    case .registryToken(let token):
      do {
        try self.init(token: token, origin: stored.origin)
      } catch {
        throw CommandFailure(error.description)
      }
    case .identityToken:
      throw CommandFailure(
        "\(stored.origin) is an identity token, which only token services take: give a token by --token or BERTH_TOKEN")
    }
  }
}
