internal import OCI
internal import Yams

/// A part of a file of rules, which knows its line.
struct SyncFileNode {
  private static let maximumLength = 1 << 20

  private let node: Node

  private init(_ node: Node) {
    self.node = node
  }

  /// Reads the one document of a file.
  init(parsing bytes: [UInt8]) throws(InvalidSyncRule) {
    guard bytes.count <= Self.maximumLength, let text = String(validating: bytes, as: UTF8.self) else {
      throw InvalidSyncRule("the file is no text in UTF-8 of at most \(Self.maximumLength) bytes")
    }
    let root: Node?
    do {
      root = try Parser(yaml: text, encoding: .utf8).singleRoot()
    } catch {
      throw InvalidSyncRule("the file is not YAML: \(error)")
    }
    guard let root else { throw InvalidSyncRule("the file is empty") }
    node = root
  }

  func fault(_ reason: String) -> InvalidSyncRule { InvalidSyncRule(reason, line: node.mark?.line) }

  var isMapping: Bool { node.mapping != nil }

  /// The members of a mapping that has no others than these.
  func fields(_ known: [String]) throws(InvalidSyncRule) -> [String: SyncFileNode] {
    guard case .mapping(let mapping) = node else {
      throw fault("here should be a mapping of \(known.joined(separator: ", "))")
    }
    var fields: [String: SyncFileNode] = [:]
    for (key, value) in mapping {
      let name = try SyncFileNode(key).text()
      guard known.contains(name) else {
        throw SyncFileNode(key).fault("\(quoted(name)) is not known here; known are \(known.joined(separator: ", "))")
      }
      fields[name] = SyncFileNode(value)
    }
    return fields
  }

  func elements() throws(InvalidSyncRule) -> [SyncFileNode] {
    guard case .sequence(let sequence) = node else { throw fault("here should be a list") }
    return sequence.map { SyncFileNode($0) }
  }

  /// One text, or those of a list.
  func scalars() throws(InvalidSyncRule) -> [SyncFileNode] {
    guard case .sequence(let sequence) = node else { return [self] }
    return sequence.map { SyncFileNode($0) }
  }

  func text() throws(InvalidSyncRule) -> String {
    guard case .scalar(let scalar) = node, !scalar.string.isEmpty else { throw fault("here should be a text") }
    return scalar.string
  }

  /// Reads the node, and adds its line to what is wrong.
  func attempt<Value>(
    _ read: (SyncFileNode) throws -> Value
  ) throws(InvalidSyncRule) -> Value {
    do {
      return try read(self)
    } catch let error as InvalidSyncRule where error.line != nil {
      throw error
    } catch {
      throw fault("\(error)")
    }
  }

  func boolean() throws(InvalidSyncRule) -> Bool {
    switch try text() {
    case "true": return true
    case "false": return false
    default: throw fault("here should be true or false")
    }
  }

  func count() throws(InvalidSyncRule) -> Int {
    guard let count = Int(try text()), count > 0 else { throw fault("here should be a number from 1 on") }
    return count
  }

  func globs() throws(InvalidSyncRule) -> [Glob] {
    var globs: [Glob] = []
    for scalar in try scalars() { globs.append(try scalar.attempt { try Glob(try $0.text()) }) }
    return globs
  }

  /// Patterns to include, or a mapping of those and of what to exclude.
  func patterns() throws(InvalidSyncRule) -> (include: [Glob], exclude: [Glob]) {
    guard isMapping else { return (try globs(), []) }
    let fields = try fields(["include", "exclude"])
    return (try fields["include"]?.globs() ?? [], try fields["exclude"]?.globs() ?? [])
  }

  func platform() throws(InvalidSyncRule) -> Platform { try attempt { try Platform(parsing: try $0.text()) } }

  func host() throws(InvalidSyncRule) -> RegistryHost { try attempt { try RegistryHost(parsing: try $0.text()) } }

  func target() throws(InvalidSyncRule) -> SyncRule.Target {
    try attempt { try SyncRule.Target(parsing: try $0.text()) }
  }

  func repository() throws(InvalidSyncRule) -> SyncRule.Source {
    try attempt { node in
      let image = try ImageReference(parsing: try node.text())
      guard image.tag == nil, image.digest == nil else {
        throw InvalidSyncRule("a repository has no tag here; say which tags by 'tags'")
      }
      return .repository(image.registry, image.repository)
    }
  }
}
