import ArgumentParser
import Images
import OCI

/// `berth attach`: files that are about an image, such as an SBOM.
struct AttachCommand: ImageCommand {
  static let configuration = CommandConfiguration(
    commandName: "attach", abstract: "Attach files to an image, such as an SBOM or a report.",
    discussion: """
      They become an artifact whose subject is the image: `berth referrers` lists it, and the image stays as it is. \
      FILE:TYPE gives a file's media type.
      """)

  @OptionGroup var image: ImageArgument

  @Argument(
    help: ArgumentHelp("The files, each with its type.", valueName: "file[:type]"),
    transform: { try ArtifactFile(parsing: $0) })
  var files: [ArtifactFile] = []

  @Option(
    help: ArgumentHelp("Attach to this platform's image, where the name is that of an index.", valueName: "platform"),
    transform: { try Platform(parsing: $0) })
  var platform: Platform?

  @OptionGroup var artifact: ArtifactOptions

  @Option(help: ArgumentHelp("How many files are transferred at the same time.", valueName: "n"))
  var jobs = 6

  @Flag(name: [.short, .long], help: "Show no progress.")
  var quiet = false

  @OptionGroup var report: ReportOptions
  @OptionGroup var registries: RegistryOptions

  func validate() throws {
    guard (1...64).contains(jobs) else { throw ValidationError("--jobs is 1 to 64") }
    guard artifact.artifactType != nil else {
      throw ValidationError("--artifact-type says what is attached, such as application/spdx+json: write it")
    }
  }

  func run(_ places: ImagePlaces) async throws {
    let image = try await places.open(self.image.location)
    var subject = try await image.source.mustResolve(image.name)
    if platform != nil { subject = try await image.source.image(subject, platform: platform).descriptor }
    let artifact = try await Artifact(
      files, type: artifact.artifactType, annotations: artifact.annotations, subject: subject)
    let target = try await places.target(self.image.location)
    try await ArtifactUpload(report: report, isQuiet: quiet, blobsAtOnce: jobs)
      .run(artifact, to: target, at: .listed)
  }
}
