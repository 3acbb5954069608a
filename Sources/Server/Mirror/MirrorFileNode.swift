import Yams

/// A part of a mirror file, which knows its line.
struct MirrorFileNode {
  private static let maximumLength = 1 << 20

  private let node: Node

  private init(_ node: Node) {
    self.node = node
  }

  /// Reads the one document of a file.
  init(parsing bytes: [UInt8]) throws(InvalidMirrorFile) {
    guard bytes.count <= Self.maximumLength else {
      throw InvalidMirrorFile(line: nil, "the file is longer than \(Self.maximumLength) bytes")
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw InvalidMirrorFile(line: nil, "the file is not UTF-8")
    }
    let root: Node?
    do {
      root = try Parser(yaml: text, encoding: .utf8).singleRoot()
    } catch {
      throw InvalidMirrorFile(notYAML: error)
    }
    guard let root else { throw InvalidMirrorFile(line: nil, "the file is empty; leave the setting out") }
    node = root
  }

  func fault(_ reason: String) -> InvalidMirrorFile {
    InvalidMirrorFile(line: node.mark?.line, reason)
  }

  /// The elements of a list, which should be what the text says.
  func elements(_ wanted: String) throws(InvalidMirrorFile) -> [MirrorFileNode] {
    guard case .sequence(let sequence) = node else { throw fault("here should be \(wanted)") }
    return sequence.map { MirrorFileNode($0) }
  }

  /// The values of a mapping that has no other names than some.
  func fields(_ known: [String]) throws(InvalidMirrorFile) -> [String: MirrorFileNode] {
    let list = known.joined(separator: ", ")
    guard case .mapping(let mapping) = node else { throw fault("here should be a mapping of \(list)") }
    var values: [String: MirrorFileNode] = [:]
    for (key, value) in mapping {
      let name = try MirrorFileNode(key).text()
      guard known.contains(name) else {
        throw MirrorFileNode(key).fault("\(quoted(name)) is not known here; known are \(list)")
      }
      values[name] = MirrorFileNode(value)
    }
    return values
  }

  /// A text, number or boolean as it was written.
  func text() throws(InvalidMirrorFile) -> String {
    guard case .scalar(let scalar) = node else { throw fault("here should be one text") }
    let isNull = scalar.style == .plain && ["", "~", "null", "Null", "NULL"].contains(scalar.string)
    guard !isNull, !scalar.string.isEmpty else { throw fault("here should be a text, and there is none") }
    return scalar.string
  }

  /// One text, or a list of at least one, as nodes.
  func scalars() throws(InvalidMirrorFile) -> [MirrorFileNode] {
    guard case .sequence(let sequence) = node else { return [self] }
    guard !sequence.isEmpty else { throw fault("the list is empty, and nothing would ever fit it; name at least one") }
    return sequence.map { MirrorFileNode($0) }
  }

  /// What a text is read as.
  func value<Value>(_ parse: (String) throws -> Value) throws(InvalidMirrorFile) -> Value {
    let text = try text()
    do {
      return try parse(text)
    } catch {
      throw fault("\(error)")
    }
  }
}

/// Why a text is not a mirror file.
public struct InvalidMirrorFile: Error, Hashable, Sendable, CustomStringConvertible {
  /// The line of the fault, counted from 1; nil where the fault is in no one line.
  public let line: Int?
  /// What was wrong, and what would be right.
  public let reason: String

  init(line: Int?, _ reason: String) {
    self.line = line
    self.reason = reason
  }

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

  /// The line and what was wrong.
  public var description: String {
    line.map { "line \($0): \(reason)" } ?? reason
  }
}
