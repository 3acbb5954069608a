import OCI

/// The form of a JSON object that the management API takes or gives: one table for the OpenAPI document and for reading.
struct Schema: Sendable {
  indirect enum Kind: Sendable {
    case string
    case integer
    case boolean
    /// A moment (RFC 3339).
    case dateTime
    /// One of some words.
    case words([String])
    case array(Kind)
    /// An object with members of any names, all of them strings.
    case stringMap
    case object(Schema)
  }

  struct Member: Sendable {
    let name: String
    let kind: Kind
    let isRequired: Bool
    let isNullable: Bool
    let about: String
  }

  /// The name in the OpenAPI document.
  let name: String
  let members: [Member]

  init(_ name: String, _ members: [Member]) {
    self.name = name
    self.members = members
  }
}

extension Schema.Member {
  static func required(_ name: String, _ kind: Schema.Kind, _ about: String) -> Self {
    Self(name: name, kind: kind, isRequired: true, isNullable: false, about: about)
  }

  static func optional(_ name: String, _ kind: Schema.Kind, _ about: String, nullable: Bool = false) -> Self {
    Self(name: name, kind: kind, isRequired: false, isNullable: nullable, about: about)
  }
}

extension Schema {
  /// JSON Schema, as OpenAPI 3.1 has it.
  var json: String {
    let required = members.filter(\.isRequired).map { JSONText.string($0.name) }
    var parts = [
      ("type", JSONText.string("object")),
      (
        "properties",
        JSONText.object(
          members.map { member in
            (
              member.name,
              JSONText.object(
                member.kind.json(isNullable: member.isNullable) + [("description", JSONText.string(member.about))])
            )
          })
      ),
      ("additionalProperties", "false"),
    ]
    if !required.isEmpty { parts.insert(("required", JSONText.array(required)), at: 1) }
    return JSONText.object(parts)
  }

  /// The schemas that it is made of, itself the first.
  var all: [Schema] {
    [self] + members.flatMap { $0.kind.schemas }
  }
}

extension Schema.Kind {
  /// The members of the JSON Schema.
  func json(isNullable: Bool = false) -> [(String, String)] {
    func type(_ name: String) -> [(String, String)] {
      [("type", isNullable ? JSONText.array([JSONText.string(name), JSONText.string("null")]) : JSONText.string(name))]
    }
    switch self {
    case .string: return type("string")
    case .integer: return type("integer")
    case .boolean: return type("boolean")
    case .dateTime: return type("string") + [("format", JSONText.string("date-time"))]
    case .words(let words):
      let choices = words.map { JSONText.string($0) } + (isNullable ? ["null"] : [])
      return type("string") + [("enum", JSONText.array(choices))]
    case .array(let element): return type("array") + [("items", JSONText.object(element.json()))]
    case .stringMap:
      return type("object") + [("additionalProperties", JSONText.object([("type", JSONText.string("string"))]))]
    case .object(let schema): return [("$ref", JSONText.string("#/components/schemas/\(schema.name)"))]
    }
  }

  /// The schemas that it names, and those that they name.
  var schemas: [Schema] {
    switch self {
    case .object(let schema): schema.all
    case .array(let element): element.schemas
    case .string, .integer, .boolean, .dateTime, .words, .stringMap: []
    }
  }

  /// Why a value is none of the kind; nil where it is one.
  fileprivate func fault(_ value: JSONValue) -> String? {
    switch (self, value) {
    case (.string, .string), (.integer, .integer), (.boolean, .bool): return nil
    case (.dateTime, .string(let text)):
      return Timestamp(rfc3339: text) == nil ? "has to be a moment such as 2027-01-31T12:00:00Z" : nil
    case (.words(let words), .string(let text)):
      return words.contains(text) ? nil : "has to be one of \(words.joined(separator: ", "))"
    case (.array(let element), .array(let values)):
      return values.lazy.compactMap { element.fault($0) }.first.map { "has an element that \($0)" }
    case (.stringMap, .object), (.object, .object): return nil
    default: return "has to be \(name), not \(value.kind)"
    }
  }

  private var name: String {
    switch self {
    case .string, .words: "a string"
    case .dateTime: "a string with a moment"
    case .integer: "a whole number"
    case .boolean: "true or false"
    case .array: "an array"
    case .stringMap, .object: "an object"
    }
  }
}

/// A request's body that fits its schema.
struct ManagementBody: Sendable {
  private let members: [String: JSONValue]

  /// Reads a JSON object.
  ///
  /// - Throws: 400 for what is no JSON, for members that the schema does not have, and for those that are missing or of
  ///   another kind.
  init(_ bytes: [UInt8], as schema: Schema) throws(RegistryError) {
    let value: JSONValue
    do {
      value = try JSONValue(parsing: bytes)
    } catch {
      throw RegistryError(.unsupported, "the body is no JSON: \(error)", status: 400)
    }
    guard case .object(let members) = value else {
      throw RegistryError(.unsupported, "the body has to be a JSON object, not \(value.kind)", status: 400)
    }
    for name in members.keys.sorted() where !schema.members.contains(where: { $0.name == name }) {
      let known = schema.members.map(\.name).joined(separator: ", ")
      throw RegistryError(
        .unsupported, "the body has a member that there is not; there are \(known)", detail: ["member": name],
        status: 400)
    }
    for member in schema.members {
      guard let value = members[member.name] else {
        if member.isRequired {
          throw RegistryError(.unsupported, "the body lacks \(member.name): \(member.about)", status: 400)
        }
        continue
      }
      if case .null = value, member.isNullable { continue }
      if let fault = member.kind.fault(value) {
        throw RegistryError(.unsupported, "\(member.name) \(fault)", status: 400)
      }
    }
    self.members = members
  }

  func string(_ name: String) -> String? {
    if case .string(let text) = members[name] { text } else { nil }
  }

  func integer(_ name: String) -> Int64? {
    if case .integer(let value) = members[name] { value } else { nil }
  }

  func bool(_ name: String) -> Bool? {
    if case .bool(let value) = members[name] { value } else { nil }
  }

  func strings(_ name: String) -> [String]? {
    guard case .array(let values) = members[name] else { return nil }
    return values.compactMap { if case .string(let text) = $0 { text } else { nil } }
  }

  func timestamp(_ name: String) -> Timestamp? {
    string(name).flatMap { Timestamp(rfc3339: $0) }
  }

  /// Whether a member is there, be it `null`.
  func has(_ name: String) -> Bool { members[name] != nil }
}
