/// A setting that can be left out: `none` stands for nothing.
extension Optional: SettingValue where Wrapped: SettingValue {
  static var placeholder: String { "\(Wrapped.placeholder)|none" }

  init(parsing text: String) throws(InvalidValue) {
    self = text == "none" ? nil : try Wrapped(parsing: text)
  }

  var settingText: String { self?.settingText ?? "none" }
}
