import Foundation

/// Docker's configuration file, of which nothing but the credentials of registries (`auths`) is touched.
struct DockerConfiguration {
  /// The file.
  let path: String
  /// The whole object, because what is not understood has to be written back.
  private var members: [String: Any]

  /// The file that Docker uses, too: `config.json` in `DOCKER_CONFIG`, or else in `.docker` of the home folder.
  static func path(environment: [String: String]) -> String {
    let folder = environment.text("DOCKER_CONFIG") ?? "\(environment.text("HOME") ?? NSHomeDirectory())/.docker"
    return "\(folder)/config.json"
  }

  /// Reads a file; one that does not exist or is empty holds nothing.
  ///
  /// - Throws: `CommandFailure` for a file that cannot be read or is no configuration.
  init(path: String) throws(CommandFailure) {
    self.path = path
    let bytes: Data
    do {
      bytes = try Data(contentsOf: URL(filePath: path))
    } catch let error as CocoaError where error.code == .fileReadNoSuchFile {
      bytes = Data()
    } catch {
      throw CommandFailure("\(path) cannot be read: \(error.localizedDescription)")
    }
    guard !bytes.isEmpty else {
      members = [:]
      return
    }
    guard let members = try? JSONSerialization.jsonObject(with: bytes) as? [String: Any],
      members[Self.auths] == nil || members[Self.auths] is [String: [String: Any]]
    else {
      throw CommandFailure(
        "\(path) is no JSON object with a credential for each server in \"auths\", as Docker writes it: "
          + "mend it or move it away")
    }
    self.members = members
  }

  /// The credential of a server.
  ///
  /// - Returns: nil where there is none, or a helper keeps it.
  func credential(for server: ServerAddress) throws(CommandFailure) -> Credential? {
    guard let key = keys(of: server).first, let text = logins[key]?["auth"] as? String, !text.isEmpty else {
      return nil
    }
    guard let bytes = Data(base64Encoded: text), let pair = String(validating: bytes, as: UTF8.self),
      let colon = pair.firstIndex(of: ":")
    else {
      throw CommandFailure(
        "what \(path) holds for \(key) is no name and password in base64: log in again by `berth login \(server)`")
    }
    return Credential(
      user: String(pair[..<colon]), password: String(pair[pair.index(after: colon)...]), origin: "the login in \(path)")
  }

  /// The helper, such as `secretservice`, that keeps a server's credential.
  func credentialHelper(for server: ServerAddress) -> String? {
    (members["credHelpers"] as? [String: Any])?[server.host] as? String ?? members["credsStore"] as? String
  }

  /// Puts a credential in place of those of the same server.
  mutating func setCredential(user: String, password: String, for server: ServerAddress) {
    removeCredentials(for: server)
    logins[server.host] = ["auth": Data("\(user):\(password)".utf8).base64EncodedString()]
  }

  /// Removes what is stored for a server.
  ///
  /// - Returns: whether there was anything.
  @discardableResult
  mutating func removeCredentials(for server: ServerAddress) -> Bool {
    let keys = keys(of: server)
    for key in keys { logins[key] = nil }
    return !keys.isEmpty
  }

  /// Writes the file: the whole of it or nothing, and for nobody else to read.
  func save() throws(CommandFailure) {
    // Where the file is a link, as with those who keep their settings elsewhere, the link stays.
    let target = URL(filePath: path).resolvingSymlinksInPath()
    do {
      let bytes = try JSONSerialization.data(
        withJSONObject: members, options: [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes])
      try FileManager.default.createDirectory(
        at: target.deletingLastPathComponent(), withIntermediateDirectories: true,
        attributes: [.posixPermissions: 0o700])
      try PrivateFile.replace(target.path(percentEncoded: false), with: bytes + Data("\n".utf8))
    } catch {
      throw CommandFailure("\(path) cannot be written: \(error.localizedDescription)")
    }
  }

  private static let auths = "auths"

  private var logins: [String: [String: Any]] {
    get { members[Self.auths] as? [String: [String: Any]] ?? [:] }
    set { members[Self.auths] = newValue }
  }

  /// The names that entries for a server have, the plain one first: older programs wrote a URL.
  private func keys(of server: ServerAddress) -> [String] {
    logins.keys.filter { Self.host(ofKey: $0) == server.host }.sorted { left, right in
      (left == server.host ? 0 : 1, left) < (right == server.host ? 0 : 1, right)
    }
  }

  private static func host(ofKey key: String) -> String {
    let start = key.range(of: "://")?.upperBound ?? key.startIndex
    return key[start...].prefix { $0 != "/" }.lowercased()
  }
}
