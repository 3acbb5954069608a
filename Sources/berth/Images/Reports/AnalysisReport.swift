import Images
import Layers
import OCI

/// What `berth analyze` says of an image.
struct AnalysisReport: Encodable {
  /// A layer.
  struct LayerWaste: Encodable {
    let digest: String
    /// The bytes of its archive, uncompressed.
    let size: Int64
    /// The bytes of content that nobody can see in the image.
    let hiddenBytes: Int64
  }

  /// A path that more than one layer says something about.
  struct WastefulFile: Encodable {
    let path: String
    let count: Int
    let bytes: Int64
  }

  /// A rule, and whether it holds.
  struct Rule: Encodable {
    let rule: String
    /// `pass`, `fail` or `skip`.
    let status: String
    let message: String
  }

  let digest: String
  /// From 0 to 1.
  let efficiency: Double
  let wastedBytes: Int64
  /// The wasted bytes as a part of those above the lowest layer; nil where nothing is above it.
  let userWastedRatio: Double?
  let totalBytes: Int64
  let userBytes: Int64
  /// The bytes of content that nobody can see in the image.
  let hiddenBytes: Int64
  let layers: [LayerWaste]
  /// The worst first.
  let wastefulFiles: [WastefulFile]
  let rules: [Rule]

  init(_ analysis: ImageAnalysis, _ layers: [Layer], _ contents: ImageContents, _ outcomes: [CIRules.Outcome]) {
    digest = contents.chosen.descriptor.digest.description
    efficiency = analysis.efficiency
    wastedBytes = analysis.wastedBytes
    userWastedRatio = analysis.userWastedRatio.isFinite ? analysis.userWastedRatio : nil
    totalBytes = analysis.totalBytes
    userBytes = analysis.userBytes
    hiddenBytes = analysis.hiddenBytes
    self.layers = layers.indices.map { index in
      LayerWaste(
        digest: contents.layers[index].digest.description, size: layers[index].uncompressedSize,
        hiddenBytes: analysis.hiddenBytesOfLayers[index])
    }
    wastefulFiles = analysis.wastefulFiles.map {
      WastefulFile(path: $0.path.description, count: $0.count, bytes: $0.bytes)
    }
    rules = outcomes.map { Rule(rule: $0.rule.rawValue, status: $0.status.rawValue, message: $0.message) }
  }

  /// The numbers, a table of layers, one of the worst files, and the rules.
  func text(top: Int) -> String {
    let facts = [
      ("efficiency", Self.percent(efficiency)),
      ("wasted", "\(ByteText.short(wastedBytes)) of \(ByteText.short(totalBytes))"),
      ("user-wasted", userWastedRatio.map(Self.percent) ?? "-"),
      ("not visible", "\(ByteText.short(hiddenBytes)), exactly"),
    ]
    var layerTable = Table("LAYER", "SIZE", "NOT VISIBLE")
    for layer in layers { layerTable.add(layer.digest, ByteText.short(layer.size), ByteText.short(layer.hiddenBytes)) }
    var parts = [FactLines.text(facts), layerTable.text]
    if top > 0, !wastefulFiles.isEmpty {
      var table = Table("COUNT", "WASTED", "PATH")
      for file in wastefulFiles.prefix(top) { table.add("\(file.count)", ByteText.short(file.bytes), file.path) }
      parts.append(table.text)
    }
    if !rules.isEmpty {
      parts.append(rules.map { "\($0.status)  \($0.rule): \($0.message)" }.joined(separator: "\n"))
    }
    return parts.joined(separator: "\n\n")
  }

  private static func percent(_ ratio: Double) -> String {
    "\((ratio * 1000).rounded() / 10) %"
  }
}
