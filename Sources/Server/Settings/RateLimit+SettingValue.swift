import Access

extension RateLimit: SettingValue {
  static var placeholder: String { "count/duration" }

  init(parsing text: String) throws(InvalidValue) {
    let mistake = InvalidValue("\(quoted(text)) is not a rate: write a count and a duration, such as 100/6h or 1000/1m")
    let parts = text.split(separator: "/", maxSplits: 1)
    guard parts.count == 2, let count = Int(parts[0]) else { throw mistake }
    let window = try Duration(parsing: String(parts[1]))
    do {
      try self.init(count: count, window: window)
    } catch {
      throw InvalidValue(error.description)
    }
  }

  var settingText: String { "\(count)/\(window.settingText)" }
}
