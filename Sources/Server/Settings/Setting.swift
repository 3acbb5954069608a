/// One row of the table of settings: flags, variables, YAML keys, help and documentation are all made from it.
struct Setting: Sendable {
  /// The name in `berth settings` and the YAML file.
  let name: String
  /// What it does, one or more sentences for help and documentation.
  let help: String
  /// The form of a value, such as `duration` or `text|json`.
  let placeholder: String
  /// The default as text.
  let defaultText: String
  /// The limits of a value as text.
  let limitsText: String?
  /// Whether `--name` alone means `--name true`.
  let isSwitch: Bool

  private let assign: @Sendable (String, inout Settings) throws(InvalidValue) -> Void
  private let render: @Sendable (Settings) -> String

  /// A setting of any type.
  init<Value: SettingValue>(
    _ name: String, _ property: any WritableKeyPath<Settings, Value> & Sendable, defaultNote: String? = nil,
    help: String
  ) {
    self.name = name
    self.help = help
    placeholder = Value.placeholder
    defaultText = defaultNote ?? Settings()[keyPath: property].settingText
    limitsText = nil
    isSwitch = Value.self == Bool.self
    assign = { (text, settings) throws(InvalidValue) in settings[keyPath: property] = try Value(parsing: text) }
    render = { $0[keyPath: property].settingText }
  }

  /// A setting with limits, both included.
  init<Value: SettingValue & Comparable>(
    _ name: String, _ property: any WritableKeyPath<Settings, Value> & Sendable, within limits: ClosedRange<Value>,
    help: String
  ) {
    let limitsText = "from \(limits.lowerBound.settingText) to \(limits.upperBound.settingText)"
    self.name = name
    self.help = help
    placeholder = Value.placeholder
    defaultText = Settings()[keyPath: property].settingText
    self.limitsText = limitsText
    isSwitch = false
    assign = { (text, settings) throws(InvalidValue) in
      let value = try Value(parsing: text)
      guard limits.contains(value) else {
        throw InvalidValue("\(quoted(text)) is out of range: write a \(Value.placeholder) \(limitsText)")
      }
      settings[keyPath: property] = value
    }
    render = { $0[keyPath: property].settingText }
  }

  /// The flag, with its dashes.
  var flag: String { "--\(name)" }

  /// The environment variable.
  var variable: String { Self.variable(for: name) }

  /// The environment variable of a setting called `name`.
  static func variable(for name: String) -> String {
    "BERTH_" + name.uppercased().replacing("-", with: "_")
  }

  /// Reads `text` into `settings`.
  func set(_ text: String, in settings: inout Settings) throws(InvalidValue) {
    try assign(text, &settings)
  }

  /// The value in `settings`, as `set` would read it.
  func text(in settings: Settings) -> String {
    render(settings)
  }
}
