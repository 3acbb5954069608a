/// Why settings cannot be used: one line that names the setting, where it came from, what is wrong and what is right.
public struct SettingsError: Error, Equatable, Sendable, CustomStringConvertible {
  /// What kind of mistake it is.
  public enum Code: Sendable {
    /// A flag, variable or key that does not exist, or a value without one.
    case unknownName
    /// A setting without a value, or with one that it cannot have.
    case badValue
    /// The YAML file cannot be read or is not a mapping from names to values.
    case unreadableFile
    /// Everybody on the network could change the registry and nobody said that this is wanted.
    case accessNotChosen
  }

  /// What kind of mistake it is.
  public let code: Code
  /// The whole line.
  public let description: String

  private init(code: Code, description: String) {
    self.code = code
    self.description = description
  }

  /// A name that is not in the table.
  static func unknown(
    _ name: String, kind: String, from source: SettingSource?, known: [String]
  ) -> Self {
    let origin = source.map { " (in \($0))" } ?? ""
    let advice =
      nearest(to: name, in: known).map { "did you mean \($0)?" } ?? "`berth settings` lists every setting"
    return Self(code: .unknownName, description: "unknown \(kind) \(quoted(name))\(origin): \(advice)")
  }

  /// A value that the setting `name` cannot have.
  static func badValue(of name: String, from source: SettingSource, _ problem: String) -> Self {
    Self(code: .badValue, description: "\(name) (from \(source)): \(problem)")
  }

  /// A file that cannot be read.
  static func unreadableFile(_ path: String, from source: SettingSource, _ problem: String) -> Self {
    Self(code: .unreadableFile, description: "config (from \(source)): \(quoted(path)) \(problem)")
  }

  /// A listen address that others can reach, without an explicit choice of access.
  static func accessNotChosen(listen: ListenAddress, from source: SettingSource) -> Self {
    Self(
      code: .accessNotChosen,
      description: "access: not set, and everybody who can reach \(listen) (from \(source)) could pull, push and "
        + "delete everything: have them log in with --access accounts, allow that with --access open (or BERTH_ACCESS, or "
        + "`access` in the YAML file), "
        + "or listen on a loopback address such as \(ListenAddress.standard)")
  }
}

/// The name in `names` that `text` most likely was meant to be, if any is near.
private func nearest(to text: String, in names: [String]) -> String? {
  let candidates = names.map { (name: $0, distance: editDistance(Array(text.utf8.prefix(64)), Array($0.utf8))) }
  guard let best = candidates.min(by: { $0.distance < $1.distance }) else { return nil }
  return best.distance <= max(2, best.name.count / 4) ? best.name : nil
}

/// The number of bytes to insert, remove or replace to make `left` into `right`.
private func editDistance(_ left: [UInt8], _ right: [UInt8]) -> Int {
  var previous = Array(0...right.count)
  for (row, byte) in left.enumerated() {
    var current = [row + 1]
    for (column, other) in right.enumerated() {
      current.append(min(previous[column] + (byte == other ? 0 : 1), previous[column + 1] + 1, current[column] + 1))
    }
    previous = current
  }
  return previous[right.count]
}
