import OCI

extension Duration: SettingValue {
  static var placeholder: String { "duration" }

  /// Parses whole numbers with units, largest unit first: `90s`, `15m`, `24h`, `7d`, `1h30m`, `250ms`.
  public init(parsing text: String) throws(InvalidValue) {
    do {
      try self.init(text: text)
    } catch {
      throw InvalidValue(error.description)
    }
  }

  /// The form that `init(parsing:)` reads, such as `1h30m`; parts below a millisecond are not shown.
  var settingText: String { text }
}
