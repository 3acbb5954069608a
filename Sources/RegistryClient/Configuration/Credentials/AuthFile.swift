internal import Foundation
internal import OCI

/// A file of credentials: Docker's `config.json`, or `auth.json` as Podman and Skopeo have it.
///
/// Neither printing nor reflection shows what it holds.
struct AuthFile: Sendable, CustomStringConvertible, CustomReflectable {
  /// Where it is, as messages say it.
  let place: String
  /// Whether nothing was written at all.
  let isBlank: Bool
  private let entries: [String: JSONValue]
  private let helpers: [String: JSONValue]
  private let store: String?

  /// The longest file that is read, in bytes.
  static let maximumLength = 16 << 20

  /// Reads a text; one that is empty holds nothing.
  ///
  /// What an entry holds is looked at when it is asked for, so that a malformed one harms nobody else.
  init(parsing bytes: [UInt8], place: String) throws(InvalidConfiguration) {
    self.place = place
    isBlank = bytes.allSatisfy { $0 == 0x20 || $0 == 0x0a || $0 == 0x0d || $0 == 0x09 }
    let members: JSONValue
    do {
      members = isBlank ? .object([:]) : try JSONValue(parsing: bytes)
    } catch {
      throw InvalidConfiguration(place, "it is not JSON: \(error); mend it or move it away")
    }
    guard case .object = members else {
      throw InvalidConfiguration(place, "it is \(members.kind), and a JSON object with \"auths\" would be right")
    }
    entries = try Self.object(members, "auths", place)
    helpers = try Self.object(members, "credHelpers", place)
    switch members["credsStore"] {
    case nil, .null: store = nil
    case .string(let name): store = name.isEmpty ? nil : name
    case .some(let other):
      throw InvalidConfiguration(place, "\"credsStore\" is \(other.kind), and the name of a helper would be right")
    }
  }

  /// Reads a file.
  ///
  /// - Returns: nil where there is none.
  static func read(_ path: String) throws(InvalidConfiguration) -> AuthFile? {
    guard let bytes = try ConfigurationFile.read(path, limit: maximumLength) else { return nil }
    return try AuthFile(parsing: bytes, place: path)
  }

  /// The helper, such as `secretservice`, that keeps the credential of a repository.
  ///
  /// An empty name keeps a registry out of the store that is for all the others.
  func helper(for host: RegistryHost, _ repository: RepositoryName?) throws(InvalidConfiguration) -> String? {
    guard let key = AuthFileKey.matches(among: helpers.keys, host, repository).first, let value = helpers[key] else {
      return store
    }
    guard case .string(let name) = value else {
      throw InvalidConfiguration(
        place, "\"credHelpers\" has \(value.kind) for \(quoted(key)), and the name of a helper would be right")
    }
    return name.isEmpty ? nil : name
  }

  /// The credential that stands in the file itself for a repository, under the longest key that leads to it.
  func credential(
    for host: RegistryHost, _ repository: RepositoryName?
  ) throws(InvalidConfiguration) -> RegistryCredential? {
    // Docker leaves empty entries where a helper keeps the credential.
    for key in AuthFileKey.matches(among: entries.keys, host, repository) {
      guard let entry = entries[key] else { continue }
      if let credential = try AuthFileEntry(entry, key: key, place: place).credential { return credential }
    }
    return nil
  }

  /// The place alone.
  var description: String { place }

  /// No children.
  var customMirror: Mirror { Mirror(self, children: []) }

  private static func object(
    _ members: JSONValue, _ name: String, _ place: String
  ) throws(InvalidConfiguration) -> [String: JSONValue] {
    switch members[name] {
    case nil, .null: return [:]
    case .object(let members): return members
    case .some(let other):
      throw InvalidConfiguration(place, "\"\(name)\" is \(other.kind), and an object by registries would be right")
    }
  }
}
