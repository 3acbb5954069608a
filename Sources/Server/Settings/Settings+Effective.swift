/// A setting as it is in force.
public struct EffectiveSetting: Hashable, Sendable, Encodable {
  /// The name, such as `gc-grace`.
  public let name: String
  /// The value as a flag, variable or YAML file would write it.
  public let value: String
  /// Where the value came from: `default`, `--gc-grace`, `BERTH_GC_GRACE` or `berth.yaml:3`.
  public let source: String
}

extension Settings {
  /// Every setting as it is in force, in the order of the documentation. None of them is a secret.
  public var effective: [EffectiveSetting] {
    Setting.all.map { setting in
      EffectiveSetting(
        name: setting.name, value: setting.text(in: self),
        source: (sources[setting.name] ?? .default).description)
    }
  }
}
