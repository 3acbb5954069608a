/// How long a manifest that no tag and no index names is kept.
public enum UntaggedRetention: Hashable, Sendable {
  /// It stays until somebody deletes it by digest.
  case never
  /// It becomes a candidate for collection after this time.
  case after(Duration)
}

extension UntaggedRetention: SettingValue {
  static var placeholder: String { "duration|never" }

  /// Parses `never` or a duration.
  public init(parsing text: String) throws(InvalidValue) {
    guard text != "never" else {
      self = .never
      return
    }
    do {
      self = .after(try Duration(parsing: text))
    } catch {
      throw InvalidValue("\(error.message), or never")
    }
  }

  var settingText: String {
    switch self {
    case .never: "never"
    case .after(let duration): duration.settingText
    }
  }
}
