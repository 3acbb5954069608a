import ArgumentParser
import Foundation
import Images
import OCI

/// `berth push`: a layout, an archive, or files as an artifact.
struct PushCommand: ImageCommand {
  static let configuration = CommandConfiguration(
    commandName: "push", abstract: "Push a layout, an archive, or files as an artifact.",
    usage: """
      berth push <layout-or-archive> <image> [<options>]
      berth push <image> <file[:type]> ... [--artifact-type <type>] [--annotation <key=value>] ... [<options>]
      """,
    discussion: """
      A layout is oci:FOLDER[:NAME] or a folder that holds one; an archive is oci-archive:FILE or docker-archive:FILE. \
      Files become an artifact as ORAS makes it, and `berth pull` writes them again.
      """)

  @Argument(help: ArgumentHelp("The layout or archive, or the image.", valueName: "first"))
  var first: String

  @Argument(help: ArgumentHelp("The image, or files, each with its type.", valueName: "rest"))
  var rest: [String] = []

  @OptionGroup var artifact: ArtifactOptions
  @OptionGroup var copying: CopyingOptions
  @OptionGroup var report: ReportOptions
  @OptionGroup var registries: RegistryOptions

  /// What is pushed, as the arguments say.
  enum Work {
    case image(ImageLocation, to: ImageLocation)
    /// A folder or an archive, which has to be looked at first.
    case path(String, to: ImageLocation)
    case artifact([ArtifactFile], to: ImageLocation)
  }

  func validate() throws {
    _ = try work
  }

  /// What the arguments mean.
  var work: Work {
    get throws {
      if Self.isPath(first) { return .path(first, to: try imageTarget) }
      let location = try Self.location(first)
      if !location.isRegistry { return .image(location, to: try imageTarget) }
      let target = try Self.registryImage(first)
      guard copying.platform.isEmpty, !copying.referrers, !copying.noClobber else {
        throw ValidationError("--platform, --referrers and --no-clobber are for images; what is pushed here are files")
      }
      do {
        return .artifact(try rest.map { try ArtifactFile(parsing: $0) }, to: target)
      } catch {
        throw ValidationError("\(error)")
      }
    }
  }

  func run(_ places: ImagePlaces) async throws {
    switch try work {
    case .image(let source, let target): try await push(source, to: target, places)
    case .path(let path, let target): try await push(try await ImageLocation(path: path), to: target, places)
    case .artifact(let files, let location):
      let made = try await Artifact(files, type: artifact.artifactType, annotations: artifact.annotations)
      let place = location.targetNames.first.map { ManifestPlace.named($0) } ?? .listed
      let target = try await places.target(location)
      try await ArtifactUpload(report: report, isQuiet: copying.quiet, blobsAtOnce: copying.jobs)
        .run(made, to: target, at: place)
    }
  }

  private func push(_ source: ImageLocation, to target: ImageLocation, _ places: ImagePlaces) async throws {
    try await ImageTransfer(places: places, copying: copying, report: report).run(from: source, to: [target])
  }

  /// Where an image is to be pushed, which is all that stands behind it.
  private var imageTarget: ImageLocation {
    get throws {
      guard rest.count == 1 else {
        throw ValidationError("write where to push \(first), and nothing else: berth push \(first) IMAGE")
      }
      guard artifact.artifactType == nil, artifact.annotation.isEmpty else {
        throw ValidationError("--artifact-type and --annotation are for files; \(first) is an image")
      }
      return try Self.registryImage(rest[0])
    }
  }

  /// Whether the text is a path and no name: it begins as no name does, or there is something of that name.
  private static func isPath(_ text: String) -> Bool {
    text.hasPrefix("/") || text.hasPrefix("./") || text.hasPrefix("../") || FileManager.default.fileExists(atPath: text)
  }

  private static func location(_ text: String) throws -> ImageLocation {
    do {
      return try ImageLocation(parsing: text)
    } catch {
      throw ValidationError("\(error)")
    }
  }

  private static func registryImage(_ text: String) throws -> ImageLocation {
    let location = try location(text)
    guard location.isRegistry else {
      throw ValidationError("\(text) is no registry's image; `berth copy` copies between layouts and archives")
    }
    return location
  }
}
