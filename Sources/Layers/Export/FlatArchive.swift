public import Archives

/// The file system of an image as the entries of one archive, and where the contents of its files come from.
///
/// What has no content stands first, each directory before what is in it; files follow in the order of the layers, so
/// that each layer is read once, and the other names of a file follow it as hard links.
public struct FlatArchive: Sendable {
  /// The directories, links, devices and pipes.
  public let plainEntries: [TarEntry]
  /// The files by where their content is: the file itself, then hard links to it.
  private let files: [FileTree.Content: [TarEntry]]

  /// Lays layers over each other, the lowest one first.
  ///
  /// - Throws: `LayerError` where the layers cannot be made one file system.
  public init(_ layers: [Layer]) throws(LayerError) {
    var plain: [TarEntry] = []
    var files: [FileTree.Content: [TarEntry]] = [:]
    try FileTree(layers).visit { path, node in
      var entry = node.metadata
      guard let content = node.content else {
        entry.path = ArchivePath(bytes: path.bytes + (node.isDirectory ? [UInt8(ascii: "/")] : []))
        plain.append(entry)
        return
      }
      if let first = files[content]?.first {
        // A link has neither content nor attributes of its own.
        entry = TarEntry(path: ArchivePath(bytes: path.bytes), kind: .hardLink(to: first.path))
      } else {
        entry.path = ArchivePath(bytes: path.bytes)
      }
      files[content, default: []].append(entry)
    }
    plainEntries = plain
    self.files = files
  }

  /// What an entry of a layer, both counted from zero, gives content to: nothing, or a file and behind it the hard
  /// links to that.
  public func entries(layer: Int, entry: Int) -> [TarEntry] {
    files[FileTree.Content(layer: layer, entry: entry)] ?? []
  }

  /// Whether anything of a layer is a file that can be seen.
  public func hasFiles(ofLayer layer: Int) -> Bool {
    files.keys.contains { $0.layer == layer }
  }
}

extension FileTree {
  /// Goes through everything but the root, each directory followed by what is in it, in the order of names.
  func visit(_ body: (RootedPath, Node) -> Void) {
    var waiting: [(node: Int, path: RootedPath)] = [(Self.root, .root)]
    while let (node, path) = waiting.popLast() {
      if node != Self.root { body(path, nodes[node]) }
      let children = nodes[node].children.sorted { $1.key.lexicographicallyPrecedes($0.key) }
      for (name, child) in children { waiting.append((child, path.appending(name))) }
    }
  }
}
