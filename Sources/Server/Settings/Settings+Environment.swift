extension Settings {
  /// Variables that other commands read: the server they speak to and the token they show it.
  private static let clientVariables: Set<String> = ["BERTH_SERVER", "BERTH_TOKEN", "BERTH_CA"]

  /// Throws when `environment` has a `BERTH_` variable that means nothing, which is a typing error.
  static func checkNames(in environment: [String: String]) throws(SettingsError) {
    let known = Set((Setting.all.map(\.name) + [configName]).map(Setting.variable(for:)))
    for variable in environment.keys.sorted() where variable.hasPrefix("BERTH_") {
      guard !known.contains(variable), !clientVariables.contains(variable), !isServiceLink(variable) else { continue }
      throw .unknown(variable, kind: "environment variable", from: nil, known: known.sorted())
    }
  }

  /// Whether the variable is one that Kubernetes gives every container next to a service called `berth`:
  /// `BERTH_SERVICE_HOST`, `BERTH_SERVICE_PORT[_<name>]`, `BERTH_PORT[_<number>_<protocol>[_PROTO|_PORT|_ADDR]]`.
  private static func isServiceLink(_ variable: String) -> Bool {
    let words = variable.split(separator: "_", omittingEmptySubsequences: false).dropFirst().map(String.init)
    switch words.first {
    case "SERVICE":
      return words.count == 2 && words[1] == "HOST" || words.count >= 2 && words[1] == "PORT"
    case "PORT":
      guard words.count > 1 else { return true }
      return (3...4).contains(words.count) && UInt16(words[1]) != nil && ["TCP", "UDP", "SCTP"].contains(words[2])
        && (words.count == 3 || ["PROTO", "PORT", "ADDR"].contains(words[3]))
    default:
      return false
    }
  }
}
