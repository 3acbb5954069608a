import Images
import Layers
import OCI

/// What `berth history` says of an image.
struct HistoryReport: Encodable {
  /// A step, and what it added.
  struct Step: Encodable {
    /// When (RFC 3339).
    let created: String?
    let instruction: String?
    let comment: String?
    /// The digest of the layer that it made.
    let layer: String?
    /// The layer's bytes as they are transferred.
    let size: Int64
    /// Those of this layer and all below it.
    let total: Int64
  }

  let digest: String
  /// The first step first.
  let steps: [Step]

  /// How much of an instruction is shown.
  private static let shortLength = 90

  init(_ contents: ImageContents) {
    digest = contents.chosen.descriptor.digest.description
    let history = ImageHistory(steps: contents.config.history, layerSizes: contents.layers.map(\.size))
    steps = history.lines.map { line in
      Step(
        created: line.step?.created, instruction: line.step?.createdBy.map(Self.instruction),
        comment: line.step?.comment, layer: line.layer.map { contents.layers[$0].digest.description }, size: line.size,
        total: line.total)
    }
  }

  /// An instruction without what builders put around it.
  static func instruction(_ text: String) -> String {
    var text = text[...]
    for prefix in ["/bin/sh -c #(nop) ", "/bin/sh -c #(nop)"] where text.hasPrefix(prefix) {
      text = text.dropFirst(prefix.count)
      break
    }
    if text.hasPrefix("/bin/sh -c ") { text = "RUN \(text.dropFirst("/bin/sh -c ".count))" }
    if text.hasSuffix(" # buildkit") { text = text.dropLast(" # buildkit".count) }
    return text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }

  /// A table, the first step first.
  func text(isFull: Bool) -> String {
    var table = Table("LAYER", "SIZE", "TOTAL", "INSTRUCTION")
    for step in steps {
      let instruction = step.instruction ?? "(the config does not say)"
      let shown =
        isFull || instruction.count <= Self.shortLength ? instruction : "\(instruction.prefix(Self.shortLength - 1))…"
      let digits = step.layer.flatMap { $0.split(separator: ":").last }.map { String($0.prefix(Digest.shortLength)) }
      table.add(
        digits ?? "-", step.layer == nil ? "-" : ByteText.short(step.size), ByteText.short(step.total), shown)
    }
    return table.text
  }
}
