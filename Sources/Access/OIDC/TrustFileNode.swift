internal import OCI
internal import Yams

/// A part of a trust file, which knows its line.
struct TrustFileNode {
  private static let maximumLength = 1 << 20

  private let node: Node

  private init(_ node: Node) {
    self.node = node
  }

  /// Reads the one document of a file.
  init(parsing bytes: [UInt8]) throws(InvalidTrustPolicy) {
    guard bytes.count <= Self.maximumLength else {
      throw InvalidTrustPolicy(line: nil, "the file is longer than \(Self.maximumLength) bytes")
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw InvalidTrustPolicy(line: nil, "the file is not UTF-8")
    }
    let root: Node?
    do {
      root = try Parser(yaml: text, encoding: .utf8).singleRoot()
    } catch {
      throw InvalidTrustPolicy(notYAML: error)
    }
    guard let root else { throw InvalidTrustPolicy(line: nil, "the file is empty; leave the setting out") }
    node = root
  }

  func fault(_ reason: String) -> InvalidTrustPolicy {
    InvalidTrustPolicy(line: node.mark?.line, reason)
  }

  /// The elements of a list, which should be what the text says.
  func elements(_ wanted: String) throws(InvalidTrustPolicy) -> [TrustFileNode] {
    guard case .sequence(let sequence) = node else { throw fault("here should be \(wanted)") }
    return sequence.map { TrustFileNode($0) }
  }

  /// The members of a mapping in their order, which should be what the text says.
  func members(_ wanted: String) throws(InvalidTrustPolicy) -> [(name: Name, value: TrustFileNode)] {
    guard case .mapping(let mapping) = node else { throw fault("here should be \(wanted)") }
    var members: [(name: Name, value: TrustFileNode)] = []
    for (key, value) in mapping {
      let name = TrustFileNode(key)
      members.append((Name(text: try name.text(), node: name), TrustFileNode(value)))
    }
    return members
  }

  /// The name of a member.
  struct Name {
    let text: String
    private let node: TrustFileNode

    fileprivate init(text: String, node: TrustFileNode) {
      self.text = text
      self.node = node
    }

    func fault(_ reason: String) -> InvalidTrustPolicy { node.fault(reason) }
  }

  /// The members of a mapping that has all of some names and no others than those and some more.
  func fields(required: [String], optional: [String]) throws(InvalidTrustPolicy) -> Fields {
    let known = (required + optional).joined(separator: ", ")
    var values: [String: TrustFileNode] = [:]
    for (name, value) in try members("a mapping of \(known)") {
      guard required.contains(name.text) || optional.contains(name.text) else {
        throw name.fault("\(quoted(name.text)) is not known here; known are \(known)")
      }
      values[name.text] = value
    }
    return Fields(owner: self, values: values)
  }

  /// The members of a mapping by name.
  struct Fields {
    fileprivate let owner: TrustFileNode
    fileprivate let values: [String: TrustFileNode]

    func optional(_ name: String) -> TrustFileNode? { values[name] }

    func required(_ name: String) throws(InvalidTrustPolicy) -> TrustFileNode {
      guard let value = values[name] else { throw owner.fault("'\(name)' is missing here") }
      return value
    }
  }

  /// A text, number or boolean as it was written.
  func text() throws(InvalidTrustPolicy) -> String {
    guard case .scalar(let scalar) = node else { throw fault("here should be one text") }
    let isNull = scalar.style == .plain && ["", "~", "null", "Null", "NULL"].contains(scalar.string)
    guard !isNull, !scalar.string.isEmpty else { throw fault("here should be a text, and there is none") }
    return scalar.string
  }

  /// One text, or a list of at least one, as nodes.
  func scalars() throws(InvalidTrustPolicy) -> [TrustFileNode] {
    guard case .sequence(let sequence) = node else { return [self] }
    guard !sequence.isEmpty else { throw fault("the list is empty, and nothing would ever fit it; name at least one") }
    return sequence.map { TrustFileNode($0) }
  }

  /// One text, or the texts of a list of at least one.
  func texts() throws(InvalidTrustPolicy) -> [String] {
    var texts: [String] = []
    for node in try scalars() { texts.append(try node.text()) }
    return texts
  }
}

extension InvalidTrustPolicy {
  fileprivate init(notYAML error: any Error) {
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
