public import Archives
public import OCI

/// The file system that layers make, one laid over the other (OCI image spec, "Applying Changesets").
///
/// A whiteout takes away what is in the layers below and nothing of its own layer. A directory that comes where
/// another one is keeps what is in it; everything else replaces what is there. Where a layer puts a file below something
/// that is no directory, a directory takes its place, but for a symbolic link of the same layer, which is followed.
public struct FileTree: Sendable {
  /// Where content is: the layer and its entry, both counted from zero.
  public struct Content: Hashable, Sendable {
    /// The layer, the lowest being zero.
    public let layer: Int
    /// The entry among all of the layer's archive.
    public let entry: Int
  }

  /// What is at a path.
  public struct File: Hashable, Sendable {
    /// The path.
    public let path: RootedPath
    /// What it is: of a hard link, what it leads to, and a hard link only where that is not there.
    public let kind: TarEntry.Kind
    /// The permissions.
    public let mode: UInt16
    /// The owner's number.
    public let userID: Int64
    /// The group's number.
    public let groupID: Int64
    /// The bytes of content.
    public let size: Int64
    /// When it was changed last.
    public let modified: TarEntry.Time
    /// The layer that put it there or changed it last, the lowest being zero.
    public let layer: Int
    /// The digest of its content; nil for what is not a file.
    public let digest: Digest?
    /// Where its content is; nil for what is not a file.
    public let content: Content?
  }

  struct Node: Sendable {
    var name: [UInt8]
    var parent: Int
    var children: [[UInt8]: Int] = [:]
    /// What the layer says of it; a directory that is there only because something is in it has defaults.
    var metadata: TarEntry
    var layer: Int
    var digest: Digest?
    var content: Content?
    /// Whether layers below those that are known can add nothing to it.
    var isClosed = false
    /// Names that whiteouts took away, and that layers below can add no more.
    var hidden: Set<[UInt8]> = []

    var isDirectory: Bool { metadata.kind == .directory }
  }

  /// What can be known of a path from the layers that are known.
  enum Finding: Equatable {
    case node(Int)
    case absent
    /// It is not there, and a layer below could put it there.
    case open
  }

  static let root = 0
  /// How many links are followed, as Linux does.
  private static let maximumLinks = 40

  /// The nodes ever made; those that were removed are no longer anybody's child.
  var nodes: [Node]

  /// Lays layers over each other, the lowest one first.
  ///
  /// - Throws: `LayerError` where links of a layer lead in a circle.
  public init(_ layers: some Sequence<Layer>) throws(LayerError) {
    nodes = [Node(name: [], parent: Self.root, metadata: TarEntry(path: "", kind: .directory), layer: 0)]
    for (index, layer) in layers.enumerated() { try apply(layer, index) }
  }

  /// What is at a path; a symbolic link there is not followed, but those on the way are.
  public subscript(path: RootedPath) -> File? {
    guard case .node(let node) = try? find(path, followsLast: false) else { return nil }
    return file(node, at: path)
  }

  /// What a path leads to, all links followed; none leads out of the root.
  ///
  /// - Returns: What is there, under the path where it is, or nil where nothing is.
  /// - Throws: `LayerError` where links lead in a circle.
  public func resolve(_ path: RootedPath) throws(LayerError) -> File? {
    guard case .node(let node) = try find(path, followsLast: true) else { return nil }
    return file(node, at: self.path(of: node))
  }

  func find(_ path: RootedPath, followsLast: Bool) throws(LayerError) -> Finding {
    var walk = Walk(path.names)
    var current = Self.root
    while let name = walk.next() {
      if walk.isUp(name) {
        current = nodes[current].parent
        continue
      }
      guard nodes[current].isDirectory else { return .absent }
      guard let child = nodes[current].children[Array(name)] else {
        return nodes[current].isClosed || nodes[current].hidden.contains(Array(name)) ? .absent : .open
      }
      guard let target = linkTarget(child, isLast: walk.isAtEnd, followsLast: followsLast) else {
        current = child
        continue
      }
      try follow(target, in: &walk, from: &current)
    }
    return .node(current)
  }

  /// The target of a link that a walk goes through. A hard link is left only where its target was not there.
  private func linkTarget(_ node: Int, isLast: Bool, followsLast: Bool) -> ArchivePath? {
    switch nodes[node].metadata.kind {
    case .symbolicLink(let target): isLast && !followsLast ? nil : target
    case .hardLink(let target): isLast && !followsLast ? nil : ArchivePath(bytes: [UInt8(ascii: "/")] + target.bytes)
    case .file, .directory, .characterDevice, .blockDevice, .fifo: nil
    }
  }

  func follow(_ target: ArchivePath, in walk: inout Walk, from current: inout Int) throws(LayerError) {
    guard walk.linkCount < Self.maximumLinks else {
      throw LayerError("links in the image lead in a circle, or through more than \(Self.maximumLinks) links")
    }
    walk.insert(target)
    if target.bytes.first == UInt8(ascii: "/") { current = Self.root }
  }

  func file(_ index: Int, at path: RootedPath) -> File {
    let node = nodes[index]
    return File(
      path: path, kind: node.metadata.kind, mode: node.metadata.mode, userID: node.metadata.userID,
      groupID: node.metadata.groupID, size: node.metadata.size, modified: node.metadata.modified, layer: node.layer,
      digest: node.digest, content: node.content)
  }

  func path(of node: Int) -> RootedPath {
    var names: [ArraySlice<UInt8>] = []
    var current = node
    while current != Self.root {
      names.append(nodes[current].name[...])
      current = nodes[current].parent
    }
    return RootedPath(names: names.reversed())
  }
}

/// The names that are still to go on the way to a path.
struct Walk {
  /// The next name is the last element.
  private var names: [ArraySlice<UInt8>]
  private(set) var linkCount = 0

  init(_ names: [ArraySlice<UInt8>]) {
    self.names = names.reversed()
  }

  var isAtEnd: Bool { names.isEmpty }

  mutating func next() -> ArraySlice<UInt8>? { names.popLast() }

  /// Goes through a link's target before the names that are left.
  mutating func insert(_ target: ArchivePath) {
    linkCount += 1
    let targetNames = target.bytes.split(separator: UInt8(ascii: "/")).filter { !$0.elementsEqual(".".utf8) }
    names += targetNames.reversed()
  }

  func isUp(_ name: ArraySlice<UInt8>) -> Bool { name.elementsEqual("..".utf8) }
}
