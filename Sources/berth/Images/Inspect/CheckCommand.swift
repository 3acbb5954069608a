import ArgumentParser
import Images
import OCI

/// `berth check`: whether an image is whole.
struct CheckCommand: ImageCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Validate an image: everything there, in its size, with its digest.",
    discussion: """
      Of an index all images are checked. The config has to fit the layers, and the platforms those of the index. The \
      exit status is 1 where anything is wrong, with one line for each fault.
      """)

  @OptionGroup var image: ImageArgument

  @Flag(help: "Only look whether everything is there, and read no blobs.")
  var presence = false

  @Option(help: ArgumentHelp("How many blobs are read at the same time.", valueName: "n"))
  var jobs = 6

  @OptionGroup var report: ReportOptions
  @OptionGroup var registries: RegistryOptions

  /// The JSON.
  private struct Outcome: Encodable {
    /// A fault.
    struct Problem: Encodable {
      let manifest: String
      let platform: String?
      let message: String
    }

    let digest: String
    let sound: Bool
    let manifests: Int
    let blobs: Int
    let bytes: Int64
    let problems: [Problem]
  }

  func validate() throws {
    guard (1...64).contains(jobs) else { throw ValidationError("--jobs is 1 to 64") }
  }

  func run(_ places: ImagePlaces) async throws {
    let image = try await places.open(image.location)
    let check = ImageCheck(presence ? .presence : .content, blobsAtOnce: jobs)
    let result = try await check.run(image.name, in: image.source)
    let outcome = Outcome(
      digest: result.image.digest.description, sound: result.isSound, manifests: result.manifests, blobs: result.blobs,
      bytes: result.bytes,
      problems: result.problems.map {
        Outcome.Problem(manifest: $0.manifest.description, platform: $0.platform?.description, message: $0.message)
      })
    try report.print(outcome, text: Self.text(result))
    if !result.isSound { throw ExitCode.failure }
  }

  private static func text(_ result: CheckReport) -> String {
    guard !result.isSound else {
      return "\(result.image.digest) is sound: \(result.manifests) manifests, \(result.blobs) blobs, "
        + ByteText.short(result.bytes)
    }
    return result.problems.map { problem in
      let platform = problem.platform.map { " (\($0))" } ?? ""
      return PlainText.line("\(problem.manifest)\(platform): \(problem.message)")
    }
    .joined(separator: "\n")
  }
}
