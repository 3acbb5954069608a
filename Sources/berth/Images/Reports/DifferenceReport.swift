import Images
import Layers
import OCI

/// What `berth diff` says of two images.
struct DifferenceReport: Encodable {
  /// One of the images.
  struct Image: Encodable {
    let digest: String
    let layers: Int
    /// The layers' bytes as they are transferred.
    let size: Int64
    let created: String?
  }

  /// Something that is set differently.
  struct Setting: Encodable {
    let name: String
    let before: String?
    let after: String?
  }

  /// A package that was added, removed or changed.
  struct Package: Encodable {
    /// `dpkg` or `apk`.
    let system: String
    let name: String
    let architecture: String
    let before: [String]
    let after: [String]
  }

  /// A file that was added, removed or changed.
  struct File: Encodable {
    let path: String
    /// `added`, `removed` or `changed`.
    let change: String
    /// The bytes before, and after; nil where it is not there.
    let before: Int64?
    let after: Int64?
  }

  let before: Image
  let after: Image
  let config: [Setting]
  /// The layers that only the first image has, and only the second one.
  let layersRemoved: [DescriptorReport]
  let layersAdded: [DescriptorReport]
  let packages: [Package]
  let files: [File]

  init(from old: ImageContents, to new: ImageContents, _ config: ConfigDifference, _ difference: ImageDifference) {
    (before, after) = (Image(old), Image(new))
    self.config = config.changes.map { Setting(name: $0.name, before: $0.before, after: $0.after) }
    let (oldDigests, newDigests) = (Set(old.layers.map(\.digest)), Set(new.layers.map(\.digest)))
    layersRemoved = old.layers.filter { !newDigests.contains($0.digest) }.map { DescriptorReport($0) }
    layersAdded = new.layers.filter { !oldDigests.contains($0.digest) }.map { DescriptorReport($0) }
    packages = difference.packages.map {
      Package(
        system: $0.system.rawValue, name: $0.name, architecture: $0.architecture, before: $0.before, after: $0.after)
    }
    let changes =
      difference.added.map { ("added", $0) } + difference.removed.map { ("removed", $0) }
      + difference.changed.map { ("changed", $0) }
    files = changes.sorted { $0.1.path < $1.1.path }.map { change, file in
      File(path: file.path.description, change: change, before: file.before?.size, after: file.after?.size)
    }
  }

  /// The images, then what changed, each kind under its own header; what did not change is not mentioned.
  var text: String {
    let parts = [imageTable, settingLines, layerLines, packageTable, fileLines].filter { !$0.isEmpty }
    return parts.joined(separator: "\n\n")
  }

  private var imageTable: String {
    var table = Table("IMAGE", "DIGEST", "LAYERS", "SIZE", "CREATED")
    for (name, image) in [("before", before), ("after", after)] {
      table.add(name, image.digest, "\(image.layers)", ByteText.short(image.size), image.created ?? "-")
    }
    return table.text
  }

  private var settingLines: String {
    guard !config.isEmpty else { return "" }
    var table = Table("CONFIG", "BEFORE", "AFTER")
    for setting in config { table.add(setting.name, setting.before ?? "-", setting.after ?? "-") }
    return table.text
  }

  private var layerLines: String {
    guard !layersRemoved.isEmpty || !layersAdded.isEmpty else { return "" }
    var table = Table("", "LAYER", "SIZE")
    for layer in layersRemoved { table.add("-", layer.digest, ByteText.short(layer.size)) }
    for layer in layersAdded { table.add("+", layer.digest, ByteText.short(layer.size)) }
    return table.text
  }

  private var packageTable: String {
    guard !packages.isEmpty else { return "" }
    var table = Table("PACKAGE", "BEFORE", "AFTER")
    for package in packages {
      let name = package.architecture.isEmpty ? package.name : "\(package.name):\(package.architecture)"
      table.add(
        name, package.before.isEmpty ? "-" : package.before.joined(separator: ", "),
        package.after.isEmpty ? "-" : package.after.joined(separator: ", "))
    }
    return table.text
  }

  private var fileLines: String {
    guard !files.isEmpty else { return "" }
    var table = Table("", "BEFORE", "AFTER", "FILE")
    for file in files {
      let mark = ["added": "+", "removed": "-"][file.change] ?? "~"
      table.add(mark, file.before.map(ByteText.short) ?? "-", file.after.map(ByteText.short) ?? "-", file.path)
    }
    return table.text
  }
}

extension DifferenceReport.Image {
  fileprivate init(_ contents: ImageContents) {
    self.init(
      digest: contents.chosen.descriptor.digest.description, layers: contents.layers.count,
      size: contents.layers.reduce(0) { $0 + $1.size }, created: contents.config.created)
  }
}
