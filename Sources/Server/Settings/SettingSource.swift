/// Where the value of a setting came from.
public enum SettingSource: Hashable, Sendable, CustomStringConvertible {
  /// Nobody set it.
  case `default`
  /// A flag of the command, with its dashes.
  case flag(String)
  /// An environment variable.
  case environment(String)
  /// A key of the YAML file; the line is missing where the file writes several keys in one line.
  case file(path: String, line: Int?)

  /// `default`, `--listen`, `BERTH_LISTEN` or `berth.yaml:3`.
  public var description: String {
    switch self {
    case .default: "default"
    case .flag(let flag): flag
    case .environment(let variable): variable
    case .file(let path, let line): line.map { "\(path):\($0)" } ?? path
    }
  }
}
