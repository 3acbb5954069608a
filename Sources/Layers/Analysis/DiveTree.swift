import Archives

/// The tree that dive makes of a layer, or of layers stacked on each other.
///
/// It is no file system: whiteouts are nodes in it, opaque ones are left out, and what replaces a directory keeps what
/// was in it. The numbers that people have set limits on come from it.
final class DiveTree {
  final class Node {
    fileprivate(set) var children: [[UInt8]: Node] = [:]
    fileprivate(set) var size: Int64 = 0
    fileprivate(set) var isDirectory = false

    /// The size of what is in it and of itself.
    var totalSize: Int64 { children.values.reduce(size) { $0 + $1.totalSize } }
  }

  private static let whiteoutPrefix = Array(".wh.".utf8)
  private static let doubleWhiteoutPrefix = Array(".wh..wh.".utf8)

  private let root = Node()

  init(_ layer: Layer) {
    for entry in layer.entries {
      add(entry.path.names, size: entry.metadata.size, isDirectory: entry.metadata.kind == .directory)
    }
  }

  /// A node as a visit meets it.
  struct Visit {
    let node: Node
    /// The path, without a whiteout's prefix.
    let path: RootedPath
    let isWhiteout: Bool
  }

  /// Visits every node but the root, what is in a directory before the directory, in the order of names, until `body`
  /// answers false.
  func visit(_ body: (Visit) -> Bool) {
    _ = visit(root, at: .root, body)
  }

  private func visit(_ node: Node, at path: RootedPath, _ body: (Visit) -> Bool) -> Bool {
    for (name, child) in node.children.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
      guard visit(child, at: path.appending(name), body) else { return false }
      let isWhiteout = name.starts(with: Self.whiteoutPrefix)
      let shownName = isWhiteout ? name.dropFirst(Self.whiteoutPrefix.count) : name[...]
      guard body(Visit(node: child, path: path.appending(shownName), isWhiteout: isWhiteout)) else { return false }
    }
    return true
  }

  subscript(path: RootedPath) -> Node? {
    var node = root
    for name in path.names {
      guard let child = node.children[Array(name)] else { return nil }
      node = child
    }
    return node
  }

  /// Lays a layer's tree over this one.
  func stack(_ upper: DiveTree) {
    upper.visit { visit in
      if visit.isWhiteout {
        remove(visit.path)
      } else {
        add(visit.path.names, size: visit.node.size, isDirectory: visit.node.isDirectory)
      }
      return true
    }
  }

  private func remove(_ path: RootedPath) {
    self[path.parent]?.children[Array(path.name)] = nil
  }

  private func add(_ names: [ArraySlice<UInt8>], size: Int64, isDirectory: Bool) {
    guard !names.isEmpty else { return }
    var node = root
    for name in names {
      if let child = node.children[Array(name)] {
        node = child
      } else {
        guard !name.starts(with: Self.doubleWhiteoutPrefix) else { return }
        let child = Node()
        node.children[Array(name)] = child
        node = child
      }
    }
    node.size = size
    node.isDirectory = isDirectory
  }
}
