import Archives

/// How much of an image's layers is of no use: as dive counts it, and exactly.
///
/// dive's numbers follow its source (`filetree/efficiency.go`, `image/analysis.go`), corners of it included, so that
/// limits that were set with dive mean the same here. They say less than the whole: a directory that a whiteout takes
/// away wastes nothing by them, and opaque whiteouts are not looked at. `hiddenBytes` counts those.
public struct ImageAnalysis: Sendable {
  /// A path that more than one layer says something about.
  public struct WastefulFile: Hashable, Sendable {
    /// The path.
    public let path: RootedPath
    /// How many layers, removals among them.
    public let count: Int
    /// The bytes of all of them together.
    public let bytes: Int64
  }

  /// The part of the bytes that would be enough, from 0 to 1, as dive counts it.
  public let efficiency: Double
  /// The bytes that paths take that are there more than once, as dive counts them.
  public let wastedBytes: Int64
  /// The bytes of content in all layers.
  public let totalBytes: Int64
  /// The bytes of content in all layers but the lowest.
  public let userBytes: Int64
  /// What is wasteful as dive counts it, the worst first.
  public let wastefulFiles: [WastefulFile]
  /// The bytes of content in each layer that cannot be seen in the image's file system, the lowest layer first.
  public let hiddenBytesOfLayers: [Int64]

  /// The bytes of content that cannot be seen in the image's file system, whatever hides them.
  public var hiddenBytes: Int64 { hiddenBytesOfLayers.reduce(0, +) }

  /// The wasted bytes as a part of those above the lowest layer, as dive counts it; infinite where there are none, and
  /// bytes are wasted.
  public var userWastedRatio: Double {
    wastedBytes == 0 ? 0 : Double(wastedBytes) / Double(userBytes)
  }

  /// Analyses layers, the lowest one first.
  ///
  /// - Throws: `LayerError` where the layers cannot be made one file system.
  public init(_ layers: [Layer]) throws(LayerError) {
    let sizes = layers.map { $0.entries.reduce(0) { $0 + $1.metadata.size } }
    totalBytes = sizes.reduce(0, +)
    userBytes = sizes.dropFirst().reduce(0, +)
    let count = DiveCount(layers)
    efficiency = count.efficiency
    wastefulFiles = count.wastefulFiles
    wastedBytes = wastefulFiles.reduce(0) { $0 + $1.bytes }
    var hidden = sizes
    for content in try FileTree(layers).visibleContents {
      hidden[content.layer] -= layers[content.layer].entries[content.entry].metadata.size
    }
    hiddenBytesOfLayers = hidden
  }
}

/// What dive counts of the paths at the ends of each layer's tree.
private struct DiveCount {
  private struct Record {
    var count = 0
    var bytes: Int64 = 0
    var smallest = Int64.max

    mutating func add(_ bytes: Int64) {
      count += 1
      self.bytes += bytes
      smallest = min(smallest, bytes)
    }
  }

  private var records: [RootedPath: Record] = [:]

  init(_ layers: [Layer]) {
    guard let lowest = layers.first else { return }
    let below = DiveTree(lowest)
    for layer in layers {
      let tree = DiveTree(layer)
      count(tree, over: below)
      below.stack(tree)
    }
  }

  private mutating func count(_ tree: DiveTree, over below: DiveTree) {
    tree.visit { visit in
      guard visit.node.children.isEmpty else { return true }
      var bytes = visit.node.size
      if visit.isWhiteout {
        // dive looks no further into a layer that takes away what is not there.
        guard let removed = below[visit.path] else { return false }
        bytes = removed.isDirectory ? removed.totalSize : 0
      }
      records[visit.path, default: Record()].add(bytes)
      return true
    }
  }

  var efficiency: Double {
    let bytes = records.values.reduce(0) { $0 + $1.bytes }
    return bytes == 0 ? 1 : Double(records.values.reduce(0) { $0 + $1.smallest }) / Double(bytes)
  }

  var wastefulFiles: [ImageAnalysis.WastefulFile] {
    records.filter { $0.value.count > 1 }
      .map { ImageAnalysis.WastefulFile(path: $0.key, count: $0.value.count, bytes: $0.value.bytes) }
      .sorted { $0.bytes != $1.bytes ? $0.bytes > $1.bytes : $0.path < $1.path }
  }
}
