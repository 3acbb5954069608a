import OCI

@testable import Server

extension Schema.Kind {
  /// What about a value is not as the OpenAPI document has it; empty where all is.
  func mismatches(_ value: JSONValue, at path: String = "$") -> [String] {
    switch (self, value) {
    case (.string, .string), (.integer, .integer), (.boolean, .bool): []
    case (.dateTime, .string(let text)): Timestamp(rfc3339: text) == nil ? ["\(path): \(text) is no moment"] : []
    case (.words(let words), .string(let text)): words.contains(text) ? [] : ["\(path): \(text) is none of \(words)"]
    case (.array(let element), .array(let values)):
      values.enumerated().flatMap { element.mismatches($1, at: "\(path)[\($0)]") }
    case (.stringMap, .object(let members)):
      members.flatMap { Schema.Kind.string.mismatches($1, at: "\(path).\($0)") }
    case (.object(let schema), .object(let members)): schema.mismatches(members, at: path)
    default: ["\(path): \(value.kind) is not what stands there"]
    }
  }
}

extension Schema {
  fileprivate func mismatches(_ values: [String: JSONValue], at path: String) -> [String] {
    let unknown = Set(values.keys).subtracting(members.map(\.name)).map { "\(path).\($0): unknown" }
    return unknown
      + members.flatMap { member in
        guard let value = values[member.name] else {
          return member.isRequired ? ["\(path).\(member.name): missing"] : []
        }
        if case .null = value, member.isNullable { return [] }
        return member.kind.mismatches(value, at: "\(path).\(member.name)")
      }
  }
}
