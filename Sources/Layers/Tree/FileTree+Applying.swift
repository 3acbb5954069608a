import Archives

extension FileTree {
  mutating func apply(_ layer: Layer, _ index: Int) throws(LayerError) {
    for (number, entry) in layer.entries.enumerated() {
      switch Whiteout(entry.path) {
      case .file(let path): try hide(path, index)
      case .opaque(let path): try hideContents(of: path, index)
      case nil: try place(entry, Content(layer: index, entry: number))
      }
    }
  }

  private mutating func place(_ entry: Layer.Entry, _ content: Content) throws(LayerError) {
    let names = entry.path.names
    // Old union file systems left marks of their own, which no engine unpacks.
    guard !names.contains(where: Whiteout.isReserved) else { return }
    guard let name = names.last.map(Array.init) else {
      if entry.metadata.kind == .directory {
        nodes[Self.root].metadata = entry.metadata
        nodes[Self.root].layer = content.layer
      }
      return
    }
    let node = try node(entry, content)
    let parent = try directory(names.dropLast(), content.layer)
    if let existing = nodes[parent].children[name], nodes[existing].isDirectory, node.isDirectory {
      nodes[existing].metadata = node.metadata
      nodes[existing].layer = node.layer
    } else {
      add(node, name, to: parent)
    }
  }

  /// What an entry makes; a hard link makes what it leads to.
  private func node(_ entry: Layer.Entry, _ content: Content) throws(LayerError) -> Node {
    let name = Array(entry.path.name)
    if case .hardLink(let target) = entry.metadata.kind,
      case .node(let index) = try find(try RootedPath(target), followsLast: false), !nodes[index].isDirectory
    {
      var node = nodes[index]
      node.name = name
      node.layer = content.layer
      return node
    }
    return Node(
      name: name, parent: Self.root, metadata: entry.metadata, layer: content.layer, digest: entry.digest,
      content: entry.metadata.kind == .file ? content : nil)
  }

  @discardableResult
  private mutating func add(_ node: Node, _ name: [UInt8], to parent: Int) -> Int {
    var node = node
    node.parent = parent
    // What was there before hid what layers below have under this name.
    node.isClosed =
      nodes[parent].isClosed || nodes[parent].hidden.contains(name) || nodes[parent].children[name] != nil
    nodes[parent].children[name] = nodes.count
    nodes.append(node)
    return nodes.count - 1
  }

  /// The directory at a path, made where it is not there.
  private mutating func directory(_ names: ArraySlice<ArraySlice<UInt8>>, _ layer: Int) throws(LayerError) -> Int {
    var walk = Walk(Array(names))
    var current = Self.root
    while let name = walk.next() {
      if walk.isUp(name) {
        current = nodes[current].parent
        continue
      }
      let name = Array(name)
      guard let child = nodes[current].children[name] else {
        current = addDirectory(name, to: current, layer)
        continue
      }
      if nodes[child].isDirectory {
        current = child
      } else if case .symbolicLink(let target) = nodes[child].metadata.kind, nodes[child].layer == layer {
        try follow(target, in: &walk, from: &current)
      } else {
        current = addDirectory(name, to: current, layer)
      }
    }
    return current
  }

  private mutating func addDirectory(_ name: [UInt8], to parent: Int, _ layer: Int) -> Int {
    add(
      Node(name: name, parent: parent, metadata: TarEntry(path: "", kind: .directory), layer: layer), name, to: parent)
  }

  private mutating func hide(_ path: RootedPath, _ layer: Int) throws(LayerError) {
    let parent = try directory(path.names.dropLast(), layer)
    let name = Array(path.name)
    if let child = nodes[parent].children[name], !stays(child, hiding: layer) {
      nodes[parent].children[name] = nil
    }
    nodes[parent].hidden.insert(name)
  }

  private mutating func hideContents(of path: RootedPath, _ layer: Int) throws(LayerError) {
    let directory = try directory(path.names[...], layer)
    hideChildren(of: directory, layer)
    nodes[directory].isClosed = true
  }

  private mutating func hideChildren(of node: Int, _ layer: Int) {
    for (name, child) in nodes[node].children where !stays(child, hiding: layer) {
      nodes[node].children[name] = nil
    }
  }

  /// Takes away what is of other layers than the one that hides it, and says whether anything is left.
  private mutating func stays(_ node: Int, hiding layer: Int) -> Bool {
    hideChildren(of: node, layer)
    nodes[node].isClosed = true
    if nodes[node].layer == layer { return true }
    guard !nodes[node].children.isEmpty else { return false }
    nodes[node].metadata = TarEntry(path: "", kind: .directory)
    nodes[node].layer = layer
    return true
  }
}
