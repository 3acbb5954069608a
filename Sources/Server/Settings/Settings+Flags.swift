extension Settings {
  /// The flag that names the YAML file; it is not a setting, because the file cannot hold it.
  static let configName = "config"

  /// The text of each flag in `arguments`, by name: `--name value`, `--name=value`, or `--name` alone for a switch.
  static func flags(in arguments: [String]) throws(SettingsError) -> [String: String] {
    var values: [String: String] = [:]
    var rest = arguments[...]
    while let argument = rest.popFirst() {
      let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let flag = String(parts[0])
      guard flag.hasPrefix("--"), let name = known(String(flag.dropFirst(2))) else {
        throw .unknown(
          flag, kind: flag.hasPrefix("-") ? "flag" : "argument", from: nil,
          known: (Setting.all.map(\.name) + [configName]).map { "--\($0)" })
      }
      guard values[name] == nil else {
        throw .badValue(of: name, from: .flag(flag), "given more than once: write it once")
      }
      if parts.count == 2 {
        values[name] = String(parts[1])
      } else if Setting.named(name)?.isSwitch == true {
        let hasValue = rest.first == "true" || rest.first == "false"
        values[name] = hasValue ? rest.removeFirst() : "true"
      } else if let value = rest.first, !value.hasPrefix("--") {
        values[name] = rest.removeFirst()
      } else {
        let placeholder = Setting.named(name)?.placeholder ?? "file"
        throw .badValue(of: name, from: .flag(flag), "has no value: write \(flag) <\(placeholder)>")
      }
    }
    return values
  }

  private static func known(_ name: String) -> String? {
    name == configName || Setting.named(name) != nil ? name : nil
  }
}
