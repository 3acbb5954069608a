internal import OCI

/// What holds for all tags of a plan.
struct Flavor: Sendable {
  /// Whether `latest` is a tag of the plan.
  enum Latest: String, Sendable {
    /// Where the rule of the first tag says so.
    case auto
    case always = "true"
    case never = "false"
  }

  /// A text that goes before or behind tags whose rule names none of its own.
  struct Affix: Sendable {
    var template: Template = .empty
    /// Whether it goes to `latest`, too.
    var isOnLatest = false
  }

  private(set) var latest = Latest.auto
  private(set) var prefix = Affix()
  private(set) var suffix = Affix()

  /// Reads the lines of the input.
  init(_ texts: [String]) throws(InvalidPlanInput) {
    for line in InputLine.lines(of: texts) {
      try Fault.on(line, of: .flavor) { () throws(Fault) in try read(line) }
    }
  }

  private mutating func read(_ line: InputLine) throws(Fault) {
    // Where `onlatest` goes is said by the attribute before it.
    var affix: WritableKeyPath<Flavor, Affix>?
    for (name, value) in try line.attributes() {
      switch name {
      case "latest":
        guard let latest = Latest(rawValue: value) else {
          throw Fault("latest is auto, true or false, and not \(quoted(value))")
        }
        self.latest = latest
      case "prefix":
        prefix.template = try Template(parsing: value, knowing: .global)
        affix = \.prefix
      case "suffix":
        suffix.template = try Template(parsing: value, knowing: .global)
        affix = \.suffix
      case "onlatest":
        guard let affix else { throw Fault("onlatest stands behind the prefix or suffix that it is about") }
        self[keyPath: affix].isOnLatest = try boolean(value, of: "onlatest")
      case nil: throw Fault("\(quoted(value)) has no '='; a line reads like latest=auto, prefix=v or suffix=-alpine")
      case let other?: throw Fault("\(quoted(other)) is not known; there are latest, prefix, suffix and onlatest")
      }
    }
  }
}
