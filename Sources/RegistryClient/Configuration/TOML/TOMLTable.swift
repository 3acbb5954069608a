internal import OCI

/// A table while its text is read: it knows how it came to be, which decides what may still be added to it.
final class TOMLTable {
  /// How a table came to be.
  enum Origin {
    /// A header names something within it, `[a.b]` for `a`; a header of its own may follow.
    case mentioned
    /// It has a header of its own.
    case header
    /// Keys with dots made it, `a.b = 1` for `a`.
    case dotted
    /// It was written as one value.
    case inline
  }

  /// What a name stands for.
  enum Node {
    case value(TOMLValue)
    case table(TOMLTable)
    /// An array of tables, which each `[[header]]` adds one to.
    case tables([TOMLTable])
  }

  private(set) var origin: Origin
  private var nodes: [String: Node] = [:]

  init(_ origin: Origin) {
    self.origin = origin
  }

  /// Why a name cannot be defined.
  struct Conflict: Error {
    let reason: String

    init(_ name: String, _ fault: String) {
      reason = "\(quoted(name)) \(fault)"
    }
  }

  /// Defines `name = value` under a key, which may have dots.
  func define(_ key: [String], _ value: Node) throws(Conflict) {
    var table = self
    for name in key.dropLast() {
      switch table.nodes[name] {
      case nil:
        let made = TOMLTable(.dotted)
        table.nodes[name] = .table(made)
        table = made
      case .table(let found):
        guard found.origin == .dotted else {
          throw Conflict(name, "is a table that takes no keys from outside")
        }
        table = found
      case .value, .tables: throw Conflict(name, "is no table that keys with dots could add to")
      }
    }
    try table.insert(value, at: key[key.count - 1])
  }

  /// The table that follows a header, `[key]`.
  func open(_ key: [String]) throws(Conflict) -> TOMLTable {
    let parent = try mention(key.dropLast())
    let name = key[key.count - 1]
    if case .table(let table) = parent.nodes[name], table.origin == .mentioned {
      table.origin = .header
      return table
    }
    let table = TOMLTable(.header)
    try parent.insert(.table(table), at: name)
    return table
  }

  /// The table that follows a header of an array of tables, `[[key]]`.
  func append(_ key: [String]) throws(Conflict) -> TOMLTable {
    let parent = try mention(key.dropLast())
    let name = key[key.count - 1]
    let table = TOMLTable(.header)
    if case .tables(let tables) = parent.nodes[name] {
      parent.nodes[name] = .tables(tables + [table])
    } else {
      try parent.insert(.tables([table]), at: name)
    }
    return table
  }

  /// What was read.
  var value: TOMLValue {
    .table(
      nodes.mapValues { node in
        switch node {
        case .value(let value): value
        case .table(let table): table.value
        case .tables(let tables): .array(tables.map(\.value))
        }
      })
  }

  /// The table that the first names of a header lead to; of an array of tables, its last one.
  private func mention(_ key: ArraySlice<String>) throws(Conflict) -> TOMLTable {
    var table = self
    for name in key {
      switch table.nodes[name] {
      case nil:
        let made = TOMLTable(.mentioned)
        table.nodes[name] = .table(made)
        table = made
      case .table(let found):
        guard found.origin != .inline else { throw Conflict(name, "is a table in braces, which nothing is added to") }
        table = found
      case .tables(let tables): table = tables[tables.count - 1]
      case .value: throw Conflict(name, "is no table")
      }
    }
    return table
  }

  private func insert(_ node: Node, at name: String) throws(Conflict) {
    guard nodes[name] == nil else { throw Conflict(name, "is defined twice") }
    nodes[name] = node
  }
}
