import Logging

/// A type that a setting can have: read from the text that a flag, a variable and a YAML file share.
protocol SettingValue: Sendable, Equatable {
  /// What stands for a value in help and documentation, such as `duration`.
  static var placeholder: String { get }

  /// Reads a value; the error says what is wrong and what would be right.
  init(parsing text: String) throws(InvalidValue)

  /// The form `init(parsing:)` reads.
  var settingText: String { get }
}

extension SettingValue where Self: CustomStringConvertible {
  var settingText: String { description }
}

extension SettingValue where Self: CaseIterable & RawRepresentable, RawValue == String {
  static var placeholder: String { allCases.map(\.rawValue).joined(separator: "|") }

  init(parsing text: String) throws(InvalidValue) {
    guard let value = Self(rawValue: text) else {
      let choices = Self.allCases.map(\.rawValue).joined(separator: ", ")
      throw InvalidValue("\(quoted(text)) is not a choice: write \(Self.allCases.count > 1 ? "one of " : "")\(choices)")
    }
    self = value
  }

  var settingText: String { rawValue }
}

/// Who may use the registry.
public enum AccessMode: String, CaseIterable, Sendable {
  /// Everybody who can reach the address may pull, push and delete everything.
  case open
  /// Those who log in may do what their account may do; others pull what is public.
  case accounts
}

/// How log lines are written.
public enum LogFormat: String, CaseIterable, Sendable {
  /// For people: `2026-11-20T12:34:56.789Z INFO  message key=value`.
  case text
  /// For machines: one JSON object a line.
  case json
}

extension AccessMode: SettingValue {}
extension LogFormat: SettingValue {}
extension Logger.Level: SettingValue {
  var settingText: String { rawValue }
}

extension Bool: SettingValue {
  static var placeholder: String { "true|false" }

  init(parsing text: String) throws(InvalidValue) {
    switch text {
    case "true": self = true
    case "false": self = false
    default: throw InvalidValue("\(quoted(text)) is not a choice: write true or false")
    }
  }
}

extension Int: SettingValue {
  static var placeholder: String { "number" }

  init(parsing text: String) throws(InvalidValue) {
    guard !text.isEmpty, text.allSatisfy({ $0.isASCII && $0.isNumber }), let value = Int(text) else {
      throw InvalidValue("\(quoted(text)) is not a number: write digits only, such as 10000")
    }
    self = value
  }
}

extension String: SettingValue {
  static var placeholder: String { "path" }

  init(parsing text: String) throws(InvalidValue) {
    guard !text.isEmpty, !text.utf8.contains(0) else {
      throw InvalidValue("\(quoted(text)) is not a path: write a path, such as ./berth-data")
    }
    self = text
  }

  var settingText: String { self }
}
