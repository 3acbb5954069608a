extension FileTree {
  /// Everything but the root, each directory followed by what is in it, in the order of names.
  public var files: [File] {
    var files: [File] = []
    var waiting: [(node: Int, path: RootedPath)] = [(Self.root, .root)]
    while let (node, path) = waiting.popLast() {
      if node != Self.root { files.append(file(node, at: path)) }
      let children = nodes[node].children.sorted { $1.key.lexicographicallyPrecedes($0.key) }
      for (name, child) in children { waiting.append((child, path.appending(name))) }
    }
    return files
  }

  /// What is in a directory, in the order of names.
  ///
  /// - Throws: `LayerError` where links lead in a circle.
  public func children(of path: RootedPath) throws(LayerError) -> [File] {
    guard case .node(let node) = try find(path, followsLast: true) else { return [] }
    let directory = self.path(of: node)
    return nodes[node].children.sorted { $0.key.lexicographicallyPrecedes($1.key) }
      .map { file($0.value, at: directory.appending($0.key)) }
  }

  /// The contents that can be reached.
  var visibleContents: Set<Content> {
    var contents: Set<Content> = []
    var waiting = [Self.root]
    while let node = waiting.popLast() {
      if let content = nodes[node].content { contents.insert(content) }
      waiting += nodes[node].children.values
    }
    return contents
  }
}
