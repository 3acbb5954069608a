internal import OCI

extension TagRule {
  /// The rules where none are written.
  private static let standard = ["type=schedule", "type=ref,event=branch", "type=ref,event=tag", "type=ref,event=pr"]
  private static let commonAttributes = ["type", "enable", "priority", "prefix", "suffix"]

  /// Reads rules, and puts those of a higher priority first.
  static func rules(_ texts: [String]) throws(InvalidPlanInput) -> [TagRule] {
    var lines = InputLine.lines(of: texts)
    if lines.isEmpty { lines = InputLine.lines(of: standard) }
    var rules: [TagRule] = []
    for line in lines {
      rules.append(try Fault.on(line, of: .tags) { () throws(Fault) in try TagRule(line) })
    }
    // Rules of the same priority keep the order they are written in.
    return rules.enumerated().sorted { one, other in
      let (first, second) = (one.element.priority, other.element.priority)
      return first == second ? one.offset < other.offset : first > second
    }.map(\.element)
  }

  init(_ line: InputLine) throws(Fault) {
    let attributes = try Attributes(line)
    name = attributes.kind
    kind = try Self.kind(attributes)
    self.line = line.number
    if let text = attributes["priority"] {
      guard let priority = Int(text) else { throw Fault("the priority is a whole number, and not \(quoted(text))") }
      self.priority = priority
    } else {
      priority = attributes.kind.priority
    }
    enable = try Template(parsing: attributes["enable"] ?? "true", knowing: .global)
    prefix = try (attributes["prefix"] ?? Self.prefix(of: kind)).map { text throws(Fault) in
      try Template(parsing: text, knowing: .global)
    }
    suffix = try attributes["suffix"].map { text throws(Fault) in try Template(parsing: text, knowing: .global) }
  }

  private static func prefix(of kind: Kind) -> String? {
    switch kind {
    case .ref(.pullRequest): "pr-"
    case .sha: "sha-"
    default: nil
    }
  }

  private static func kind(_ attributes: Attributes) throws(Fault) -> Kind {
    switch attributes.kind {
    case .schedule:
      return .schedule(pattern: try Template(parsing: attributes["pattern"] ?? "nightly", knowing: .dates))
    case .semver: return .semver(try versionRule(attributes))
    case .pep440: return .pep440(try versionRule(attributes))
    case .match:
      let pattern = try RegularExpression(
        parsingLiteral: try attributes.required("pattern", like: "type=match,pattern=v(.*),group=1"))
      let text = attributes["group"] ?? "0"
      guard let group = Int(text), group >= 0 else {
        throw Fault("the group is a number from 0, which is the whole match, and not \(quoted(text))")
      }
      return .match(pattern, group: group, value: try value(attributes))
    case .edge: return .edge(branch: attributes["branch"].flatMap { $0.isEmpty ? nil : $0 })
    case .ref:
      let text = try attributes.required("event", like: "type=ref,event=branch")
      guard let event = RefEvent(rawValue: text) else {
        throw Fault("the event is branch, tag or pr, and not \(quoted(text))")
      }
      return .ref(event)
    case .raw:
      let text = try attributes.required("value", like: "type=raw,value=stable")
      return .raw(value: try Template(parsing: text, knowing: .global))
    case .sha:
      let text = attributes["format"] ?? SHAFormat.short.rawValue
      guard let format = SHAFormat(rawValue: text) else {
        throw Fault("the format is short or long, and not \(quoted(text))")
      }
      return .sha(format)
    }
  }

  private static func versionRule(_ attributes: Attributes) throws(Fault) -> VersionRule {
    let pattern = try attributes.required("pattern", like: "type=\(attributes.kind.rawValue),pattern={{version}}")
    var match: RegularExpression?
    if let text = attributes["match"], !text.isEmpty {
      match = try RegularExpression(text)
      guard let match, match.groups > 0 else {
        throw Fault("the first group of match is the version, and \(quoted(text)) has none: write match=v(.*)")
      }
    }
    return VersionRule(
      pattern: try Template(parsing: pattern, knowing: .version), value: try value(attributes), match: match)
  }

  private static func value(_ attributes: Attributes) throws(Fault) -> Template {
    try Template(parsing: attributes["value"] ?? "", knowing: .global)
  }

  /// The attributes of a line, all of which its kind has.
  private struct Attributes {
    let kind: Name
    private let values: [String: String]

    init(_ line: InputLine) throws(Fault) {
      var kind: Name?
      var values: [String: String] = [:]
      for (name, value) in try line.attributes() {
        guard name == "type" else {
          values[name ?? "value"] = value
          continue
        }
        guard let known = Name(rawValue: value) else {
          let list = Name.allCases.map(\.rawValue).joined(separator: ", ")
          throw Fault("\(quoted(value)) is no type of tag; there are \(list)")
        }
        kind = known
      }
      // A line without a type is the tag itself.
      self.kind = kind ?? .raw
      self.values = values
      let known = commonAttributes + self.kind.attributes
      if let unknown = values.keys.filter({ !known.contains($0) }).min() {
        let list = known.joined(separator: ", ")
        throw Fault("\(quoted(unknown)) is no attribute of type=\(self.kind.rawValue), which has \(list)")
      }
    }

    subscript(_ name: String) -> String? { values[name] }

    func required(_ name: String, like example: String) throws(Fault) -> String {
      guard let value = values[name] else {
        throw Fault("type=\(kind.rawValue) needs \(name), as in \(example)")
      }
      return value
    }
  }
}
