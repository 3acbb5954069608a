import Images
import OCI

/// The pushing of an artifact as commands carry it out.
struct ArtifactUpload {
  let report: ReportOptions
  let isQuiet: Bool
  let blobsAtOnce: Int

  /// The JSON.
  private struct Outcome: Encodable {
    let place: String
    let digest: String
    let mediaType: String
    let artifactType: String?
    let subject: String?
    let files: [DescriptorReport]
  }

  /// Pushes, and says the digest.
  func run(_ artifact: Artifact, to target: any ImageTarget, at place: ManifestPlace) async throws {
    let display = ProgressDisplay(places: [target.place], isQuiet: isQuiet)
    defer { display.clear() }
    try await artifact.push(to: target, at: place, blobsAtOnce: blobsAtOnce) { display.show($0) }
    display.clear()
    let manifest = artifact.manifest
    let outcome = Outcome(
      place: target.place, digest: artifact.descriptor.digest.description, mediaType: manifest.mediaType.value,
      artifactType: manifest.artifactType, subject: manifest.subject?.digest.description,
      files: manifest.layers.map { DescriptorReport($0) })
    try report.print(outcome, text: "\(target.place): pushed \(artifact.descriptor.digest)")
  }
}
