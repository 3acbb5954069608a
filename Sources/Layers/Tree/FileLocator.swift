/// Finds one file of an image, looking at layers from the top down until none below can change the answer.
public struct FileLocator: Sendable {
  /// Where the file is.
  public enum Answer: Hashable, Sendable {
    /// The next layer below has to be looked at.
    case undecided
    /// Nothing is there.
    case absent
    /// What is there, links followed; the layers in it are counted from the image's lowest one.
    case found(FileTree.File)
  }

  private let path: RootedPath
  private let layerCount: Int
  private var layers: [Layer] = []

  /// What is known so far.
  public private(set) var answer: Answer

  /// Begins to look for a path in an image of so many layers.
  public init(_ path: RootedPath, layerCount: Int) {
    self.path = path
    self.layerCount = layerCount
    answer = layerCount == 0 ? .absent : .undecided
  }

  /// The layer to look at next, counted from the image's lowest one; nil where the answer is known.
  public var nextLayer: Int? { answer == .undecided ? layerCount - 1 - layers.count : nil }

  /// Takes what is in the layer to look at next.
  ///
  /// - Throws: `LayerError` where links lead in a circle.
  public mutating func add(_ layer: Layer) throws(LayerError) {
    precondition(answer == .undecided, "a layer was added to a search that is over")
    layers.append(layer)
    let tree = try FileTree(layers.reversed())
    switch try tree.find(path, followsLast: true) {
    case .absent: answer = .absent
    case .open: answer = layers.count == layerCount ? .absent : .undecided
    case .node(let node):
      let file = tree.file(node, at: tree.path(of: node))
      answer = .found(file.counting(from: layerCount - layers.count))
    }
  }
}

extension FileTree.File {
  fileprivate func counting(from lowest: Int) -> FileTree.File {
    FileTree.File(
      path: path, kind: kind, mode: mode, userID: userID, groupID: groupID, size: size, modified: modified,
      layer: layer + lowest, digest: digest,
      content: content.map { FileTree.Content(layer: $0.layer + lowest, entry: $0.entry) })
  }
}
