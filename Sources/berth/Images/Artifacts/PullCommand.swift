import ArgumentParser
import Images
import OCI

/// `berth pull`: an artifact's files, or an image into a layout or an archive.
struct PullCommand: ImageCommand {
  static let configuration = CommandConfiguration(
    commandName: "pull", abstract: "Pull an artifact's files, or an image into a layout or an archive.",
    usage: """
      berth pull <image> <layout-or-archive> [<options>]
      berth pull <artifact> [--output <folder>] [<options>]
      """,
    discussion: """
      A layout is oci:FOLDER[:NAME], an archive oci-archive:FILE[:NAME] or docker-archive:FILE[:NAME]. Without one the \
      files of an artifact are written, under the names that it gives them.
      """)

  @OptionGroup var image: ImageArgument

  @Argument(
    help: ArgumentHelp("The layout or archive to write.", valueName: "layout-or-archive"),
    transform: { try ImageLocation(parsing: $0) })
  var destination: ImageLocation?

  @Option(name: [.short, .long], help: ArgumentHelp("The folder that files are written into.", valueName: "folder"))
  var output: String?

  @OptionGroup var copying: CopyingOptions
  @OptionGroup var report: ReportOptions
  @OptionGroup var registries: RegistryOptions

  /// The JSON of what files were pulled.
  private struct Outcome: Encodable {
    let digest: String
    let artifactType: String?
    let folder: String
    let files: [String]
    /// The blobs that have no name, and so became no files.
    let untitled: [DescriptorReport]
  }

  func validate() throws {
    guard destination == nil || output == nil else {
      throw ValidationError(
        "--output is for the files of an artifact; \(destination?.description ?? "") is a place itself")
    }
    guard destination?.isRegistry != true else {
      throw ValidationError("`berth copy` copies to a registry; pull to a layout or an archive, such as oci:folder")
    }
    guard destination != nil || !copying.referrers && !copying.noClobber && copying.platform.count <= 1 else {
      throw ValidationError(
        "--referrers, --no-clobber and several platforms are for a pull into a layout or an archive")
    }
  }

  func run(_ places: ImagePlaces) async throws {
    if let destination {
      try await ImageTransfer(places: places, copying: copying, report: report)
        .run(from: image.location, to: [destination])
    } else {
      try await pullFiles(try await places.open(image.location))
    }
  }

  private func pullFiles(_ image: OpenImage) async throws {
    let chosen = try await image.choose(copying.platform.first)
    let manifest = chosen.manifest
    let hasFiles = manifest.layers.contains { $0.annotations[ArtifactTitle.annotation] != nil }
    guard hasFiles || manifest.config?.mediaType.isImageConfig != true else {
      throw CommandFailure(
        "\(image.description) is an image, and no artifact with files: write where to pull it to, such as oci:folder, "
          + "or have its files written by `berth export`")
    }
    let display = ProgressDisplay(places: [image.source.place], isQuiet: copying.quiet)
    defer { display.clear() }
    let folder = ArtifactFolder(output ?? ".")
    let written = try await folder.pull(manifest, from: image.source, blobsAtOnce: copying.jobs) { display.show($0) }
    display.clear()
    let outcome = Outcome(
      digest: chosen.descriptor.digest.description, artifactType: manifest.artifactType, folder: folder.path,
      files: written.files.map(\.value), untitled: written.untitled.map { DescriptorReport($0) })
    let lines =
      written.files.map { "\(folder.path)/\($0)" }
      + written.untitled.map { "\($0.digest) has no name, and was left out: `berth blob` writes it" }
    try report.print(outcome, text: lines.map(PlainText.line).joined(separator: "\n"))
  }
}
