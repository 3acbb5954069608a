internal import OCI
internal import Yams

/// A part of a YAML file, which knows its line, so that whoever wrote the file is told where it is wrong.
public struct YAMLNode {
  private static let maximumLength = 1 << 20

  let node: Node

  init(_ node: Node) {
    self.node = node
  }

  /// Reads the one document of a file of at most a mebibyte.
  public init(parsing bytes: [UInt8]) throws(InvalidYAML) {
    guard bytes.count <= Self.maximumLength else {
      throw InvalidYAML(line: nil, "the file is longer than \(Self.maximumLength) bytes")
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw InvalidYAML(line: nil, "the file is not UTF-8")
    }
    let root: Node?
    do {
      root = try Parser(yaml: text, encoding: .utf8).singleRoot()
    } catch {
      throw InvalidYAML(notYAML: error)
    }
    guard let root else { throw InvalidYAML(line: nil, "the file is empty; leave it out") }
    node = root
  }

  /// What is wrong here, for `throw`.
  public func fault(_ reason: String) -> InvalidYAML {
    InvalidYAML(line: node.mark?.line, reason)
  }

  // MARK: Lists and mappings

  /// Whether it is a mapping.
  public var isMapping: Bool { node.mapping != nil }

  /// The elements of a list, which should be what the text says.
  public func elements(_ wanted: String) throws(InvalidYAML) -> [YAMLNode] {
    guard case .sequence(let sequence) = node else { throw fault("here should be \(wanted)") }
    return sequence.map { YAMLNode($0) }
  }

  /// The members of a mapping in their order, which should be what the text says.
  public func members(_ wanted: String) throws(InvalidYAML) -> [(name: Name, value: YAMLNode)] {
    guard case .mapping(let mapping) = node else { throw fault("here should be \(wanted)") }
    var members: [(name: Name, value: YAMLNode)] = []
    for (key, value) in mapping {
      let name = YAMLNode(key)
      members.append((Name(text: try name.text(), node: name), YAMLNode(value)))
    }
    return members
  }

  /// The name of a member.
  public struct Name {
    /// The name as it was written.
    public let text: String
    private let node: YAMLNode

    fileprivate init(text: String, node: YAMLNode) {
      self.text = text
      self.node = node
    }

    /// What is wrong with it, for `throw`.
    public func fault(_ reason: String) -> InvalidYAML { node.fault(reason) }
  }

  /// The members of a mapping that has no others than these.
  public func fields(_ known: [String]) throws(InvalidYAML) -> Fields {
    let list = known.joined(separator: ", ")
    var values: [String: YAMLNode] = [:]
    for (name, value) in try members("a mapping of \(list)") {
      guard known.contains(name.text) else {
        throw name.fault("\(quoted(name.text)) is not known here; known are \(list)")
      }
      values[name.text] = value
    }
    return Fields(owner: self, values: values)
  }

  /// The members of a mapping by name.
  public struct Fields {
    fileprivate let owner: YAMLNode
    fileprivate let values: [String: YAMLNode]

    /// A member that may be left out.
    public subscript(_ name: String) -> YAMLNode? { values[name] }

    /// A member that has to be there.
    public func required(_ name: String) throws(InvalidYAML) -> YAMLNode {
      guard let value = values[name] else { throw owner.fault("'\(name)' is missing here") }
      return value
    }
  }

  // MARK: Texts

  /// A text, number or boolean as it was written.
  public func text() throws(InvalidYAML) -> String {
    guard case .scalar = node else { throw fault("here should be one text") }
    guard let scalar, !scalar.isEmpty else { throw fault("here should be a text, and there is none") }
    return scalar
  }

  /// What a text is read as; what is wrong with it gets the line.
  public func value<Value>(_ parse: (String) throws -> Value) throws(InvalidYAML) -> Value {
    let text = try text()
    do {
      return try parse(text)
    } catch {
      throw fault("\(error)")
    }
  }

  /// One text, or a list of at least one, as nodes.
  public func scalars() throws(InvalidYAML) -> [YAMLNode] {
    guard case .sequence(let sequence) = node else { return [self] }
    guard !sequence.isEmpty else { throw fault("the list is empty, and nothing would ever fit it; name at least one") }
    return sequence.map { YAMLNode($0) }
  }

  /// What one text, or each text of a list of at least one, is read as.
  public func values<Value>(_ parse: (String) throws -> Value) throws(InvalidYAML) -> [Value] {
    var values: [Value] = []
    for node in try scalars() { values.append(try node.value(parse)) }
    return values
  }
}

extension InvalidYAML {
  /// Says what the parser says, with its line.
  init(notYAML error: any Error) {
    switch error {
    case YamlError.scanner(_, let problem, let mark, _), YamlError.parser(_, let problem, let mark, _),
      YamlError.composer(_, let problem, let mark, _):
      self.init(line: mark.line, "this is not YAML: \(problem)")
    case YamlError.duplicatedKeysInMapping(let names, let context):
      let list = names.map { quoted($0) }.joined(separator: ", ")
      self.init(line: context.mark.line, "\(list) stands twice in one mapping; leave one")
    default:
      self.init(line: nil, "the file is not YAML: \(error)")
    }
  }
}
