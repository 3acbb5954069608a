import Foundation
import Images
import OCI

/// What `berth inspect` says of a manifest.
struct InspectionReport: Encodable {
  /// An image and its config.
  struct Image: Encodable {
    let platform: String?
    let digest: String
    let mediaType: String
    /// The manifest's bytes.
    let size: Int64
    let config: String?
    /// When it was made (RFC 3339).
    let created: String?
    let author: String?
    let layers: [DescriptorReport]
    /// The layers' bytes as they are transferred.
    let layersSize: Int64
    let labels: [String: String]
  }

  let reference: String
  let digest: String
  let mediaType: String
  let artifactType: String?
  /// The manifest's bytes.
  let size: Int64
  let annotations: [String: String]
  let subject: DescriptorReport?
  let images: [Image]
  /// What an index lists beside images, such as attestations.
  let others: [DescriptorReport]

  init(_ reference: String, _ inspection: Inspection) {
    self.reference = reference
    digest = inspection.descriptor.digest.description
    mediaType = inspection.manifest.mediaType.value
    // The type of an image is that of its config, which says nothing.
    artifactType = inspection.images.first?.config == nil ? inspection.manifest.artifactType : nil
    size = Int64(inspection.manifest.bytes.count)
    annotations = inspection.manifest.annotations
    subject = inspection.manifest.subject.map { DescriptorReport($0) }
    images = inspection.images.map { image in
      Image(
        platform: image.platform?.description, digest: image.descriptor.digest.description,
        mediaType: image.manifest.mediaType.value, size: Int64(image.manifest.bytes.count),
        config: image.manifest.config?.digest.description, created: image.config?.created, author: image.config?.author,
        layers: image.manifest.layers.map { DescriptorReport($0) }, layersSize: image.layersSize,
        labels: image.config?.labels ?? [:])
    }
    others = inspection.others.map { DescriptorReport($0) }
  }

  /// The report for people: what it is, a table of images, and of a single image its layers and labels.
  var text: String {
    var facts = [("reference", reference), ("digest", digest), ("type", mediaType)]
    if let artifactType { facts.append(("artifact type", artifactType)) }
    if let subject { facts.append(("subject", subject.digest)) }
    facts += annotations.sorted { $0.key < $1.key }.map { ("annotation", "\($0.key)=\($0.value)") }
    var parts = [FactLines.text(facts), imageTable]
    if images.count == 1 { parts.append(Self.layerTable(images[0])) }
    parts.append(labelLines)
    if !others.isEmpty { parts.append(otherTable) }
    return parts.filter { !$0.isEmpty }.joined(separator: "\n\n")
  }

  private var imageTable: String {
    guard !images.isEmpty else { return "" }
    var table = Table("PLATFORM", "DIGEST", "LAYERS", "SIZE", "CREATED")
    for image in images {
      table.add(
        image.platform ?? "-", image.digest, "\(image.layers.count)", ByteText.short(image.layersSize),
        image.created ?? "-")
    }
    return table.text
  }

  private var otherTable: String {
    var table = Table("ALSO LISTED", "DIGEST", "SIZE")
    for other in others {
      let kind = other.annotations?["vnd.docker.reference.type"] ?? other.artifactType ?? other.mediaType
      table.add(kind, other.digest, ByteText.short(other.size))
    }
    return table.text
  }

  private static func layerTable(_ image: Image) -> String {
    guard !image.layers.isEmpty else { return "" }
    var table = Table("LAYER", "SIZE", "TYPE")
    for layer in image.layers { table.add(layer.digest, ByteText.short(layer.size), layer.mediaType) }
    return table.text
  }

  /// The labels that all images have.
  private var labelLines: String {
    let labels = (images.first?.labels ?? [:]).filter { name, value in images.allSatisfy { $0.labels[name] == value } }
    return FactLines.text(labels.sorted { $0.key < $1.key }.map { ("label", "\($0.key)=\($0.value)") })
  }
}
