public import OCI

/// What is different between the configs of two images, times and layers left out.
public struct ConfigDifference: Sendable {
  /// Something that is set differently.
  public struct Change: Hashable, Sendable {
    /// What it is, such as `Env.PATH`, `Cmd` or `Labels.org.opencontainers.image.version`.
    public let name: String
    /// The value in the first one, as text or JSON; nil where it has none.
    public let before: String?
    /// The value in the second one, as text or JSON; nil where it has none.
    public let after: String?
  }

  /// The changes, in the order of their names.
  public let changes: [Change]

  /// Compares two configs.
  public init(from before: ImageConfig, to after: ImageConfig) {
    let (old, new) = (Self.settings(before), Self.settings(after))
    changes = Set(old.keys).union(new.keys).filter { old[$0] != new[$0] }.sorted()
      .map { Change(name: $0, before: old[$0], after: new[$0]) }
  }

  private static func settings(_ config: ImageConfig) -> [String: String] {
    var settings: [String: String] = [:]
    settings["platform"] = config.platform?.description
    settings["author"] = config.author
    guard case .object(let members) = config.runtime else { return settings }
    for (name, value) in members {
      switch (name, value) {
      case (_, .null): continue
      case ("Env", .array(let elements)):
        for case .string(let text) in elements {
          let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
          settings["Env.\(parts[0])"] = parts.count == 2 ? String(parts[1]) : ""
        }
      case (_, .object(let entries)):
        for (entry, value) in entries { settings["\(name).\(entry)"] = value.plainText }
      default: settings[name] = value.plainText
      }
    }
    return settings
  }
}

extension JSONValue {
  /// A string as it is, and everything else as JSON.
  fileprivate var plainText: String {
    if case .string(let text) = self { text } else { text }
  }

  private var text: String {
    switch self {
    case .null: "null"
    case .bool(let value): "\(value)"
    case .integer(let value): "\(value)"
    case .number: "a number"
    case .string(let value): JSONText.string(value)
    case .array(let elements): JSONText.array(elements.map(\.text))
    case .object(let members): JSONText.object(members.sorted { $0.key < $1.key }.map { ($0.key, $0.value.text) })
    }
  }
}
