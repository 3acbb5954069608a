/// The labels of a series, sorted by name and written as the exposition format wants them.
struct PrometheusLabels: Hashable, Comparable, Sendable {
  /// `method="GET",status="200"`, empty without labels.
  let text: String

  init(_ labels: [(String, String)]) {
    text =
      labels
      .map { (PrometheusName.label($0.0), $0.1) }
      .sorted { $0.0 < $1.0 }
      .map { "\($0.0)=\"\(Self.escaped($0.1))\"" }
      .joined(separator: ",")
  }

  static func < (left: Self, right: Self) -> Bool { left.text < right.text }

  /// The labels in braces, `extra` after them; empty when there are none.
  func inBraces(extra: String = "") -> String {
    let all = text.isEmpty || extra.isEmpty ? text + extra : "\(text),\(extra)"
    return all.isEmpty ? "" : "{\(all)}"
  }

  private static func escaped(_ value: String) -> String {
    value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
  }
}

/// Names as Prometheus allows them: what is not allowed becomes an underscore.
enum PrometheusName {
  /// A metric's name, `[a-zA-Z_:][a-zA-Z0-9_:]*`.
  static func metric(_ name: String) -> String { sanitised(name, allowsColon: true) }

  /// A label's name, `[a-zA-Z_][a-zA-Z0-9_]*`.
  static func label(_ name: String) -> String { sanitised(name, allowsColon: false) }

  private static func sanitised(_ name: String, allowsColon: Bool) -> String {
    let text = String(
      name.map { character in
        let isAllowed =
          character.isASCII && (character.isLetter || character.isNumber) || character == "_"
          || (allowsColon && character == ":")
        return isAllowed ? character : "_"
      })
    return text.first.map { $0.isNumber } ?? true ? "_\(text)" : text
  }
}
