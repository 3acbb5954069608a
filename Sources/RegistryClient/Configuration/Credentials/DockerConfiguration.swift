internal import Foundation
internal import OCI

/// Docker's configuration file while it is changed: nothing but the credentials of registries (`auths`) is touched.
struct DockerConfiguration {
  /// What it says of credentials.
  let authFile: AuthFile
  /// The whole object, because what is not understood has to be written back.
  private var members: [String: Any]
  private var isChanged = false

  /// Reads the file, lends it to be changed, and writes it: the whole of it or nothing, and for nobody else to read.
  ///
  /// Others that change the file by this function wait, so that no change is lost. A file that does not exist or is
  /// empty holds nothing. Where the file is a link, the link stays.
  ///
  /// - Throws: `InvalidConfiguration` for a file that cannot be read or written or is no configuration, and what `body`
  ///   throws; the file is as it was then.
  static func update<Success>(
    _ path: String, _ body: (inout DockerConfiguration) throws -> Success
  ) throws -> Success {
    let file = URL(filePath: path).resolvingSymlinksInPath()
    let folder = file.deletingLastPathComponent()
    do {
      try FileManager.default.createDirectory(
        at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
      return try PrivateFile.withLock(onFolder: folder.path(percentEncoded: false)) {
        var configuration = try DockerConfiguration(path: path)
        let success = try body(&configuration)
        guard configuration.isChanged else { return success }
        let bytes = try JSONSerialization.data(
          withJSONObject: configuration.members, options: [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes])
        try PrivateFile.replace(file.path(percentEncoded: false), with: bytes + Data("\n".utf8))
        return success
      }
    } catch let error as InvalidConfiguration {
      throw error
    } catch let error as POSIXError {
      throw InvalidConfiguration(path, "it cannot be written: \(error.localizedDescription)")
    } catch let error as CocoaError {
      throw InvalidConfiguration(path, "it cannot be written: \(error.localizedDescription)")
    }
  }

  private init(path: String) throws(InvalidConfiguration) {
    let bytes = try ConfigurationFile.read(path, limit: AuthFile.maximumLength) ?? []
    authFile = try AuthFile(parsing: bytes, place: path)
    guard !authFile.isBlank else {
      members = [:]
      return
    }
    guard let members = try? JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any] else {
      throw InvalidConfiguration(path, "it is no JSON object: mend it or move it away")
    }
    self.members = members
  }

  /// Puts a name and a password in place of the credentials of the same registry.
  mutating func setCredential(user: String, password: String, for host: RegistryHost) {
    set(["auth": AuthFileEntry.encode(user: user, password: password)], for: host)
  }

  /// Notes that a helper keeps a registry's credential, as Docker does.
  mutating func setKeptByHelper(_ host: RegistryHost) {
    set([:], for: host)
  }

  /// Removes what is stored for a registry as a whole; what is for some of its repositories stays.
  ///
  /// - Returns: whether there was anything.
  @discardableResult
  mutating func removeCredentials(for host: RegistryHost) -> Bool {
    let keys = AuthFileKey.matches(among: logins.keys, host, nil)
    for key in keys { logins[key] = nil }
    return !keys.isEmpty
  }

  private mutating func set(_ entry: [String: String], for host: RegistryHost) {
    removeCredentials(for: host)
    let host = AuthFileKey.canonical(host)
    // Docker finds Docker Hub's credential under this key alone.
    logins[host == .dockerHub ? AuthFileKey.dockerHub : host.description] = entry
  }

  private var logins: [String: Any] {
    get { members["auths"] as? [String: Any] ?? [:] }
    set {
      members["auths"] = newValue
      isChanged = true
    }
  }
}
