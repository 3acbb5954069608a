public import OCI

/// The steps of an image's making, each with the layer that it made.
public struct ImageHistory: Sendable {
  /// A step, with what it added.
  public struct Line: Hashable, Sendable {
    /// The step, or nil for a layer of which the config says nothing.
    public let step: ImageConfig.Step?
    /// The layer that it made, the lowest being zero; nil where it made none.
    public let layer: Int?
    /// The size of that layer, in the bytes that were given.
    public let size: Int64
    /// The size of that layer and all below it.
    public let total: Int64
  }

  /// The lines, the first step first; layers of which the config says nothing come last.
  public let lines: [Line]

  /// Pairs steps with the sizes of layers, the lowest first; a step behind the last layer made none.
  public init(steps: [ImageConfig.Step], layerSizes: [Int64]) {
    var lines: [Line] = []
    var total: Int64 = 0
    var layers = layerSizes.indices[...]
    func add(_ step: ImageConfig.Step?, _ layer: Int?) {
      let size = layer.map { layerSizes[$0] } ?? 0
      total += size
      lines.append(Line(step: step, layer: layer, size: size, total: total))
    }
    for step in steps { add(step, step.isEmptyLayer ? nil : layers.popFirst()) }
    while let layer = layers.popFirst() { add(nil, layer) }
    self.lines = lines
  }
}
