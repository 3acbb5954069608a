import ArgumentParser
import OCI
import RegistryClient

/// `berth blob`: the bytes of a blob.
struct BlobCommand: ImageCommand {
  static let configuration = CommandConfiguration(
    commandName: "blob", abstract: "Write a blob's bytes, verified, to standard output or a file.")

  @Argument(
    help: "The repository and the digest, such as registry.example.org/team/app@sha256:….",
    transform: { try ImageReference(parsing: $0) })
  var blob: ImageReference

  @Option(name: [.short, .long], help: ArgumentHelp("The file; it appears when it is whole.", valueName: "file"))
  var output: String?

  @OptionGroup var registries: RegistryOptions

  func validate() throws {
    guard blob.digest != nil else {
      throw ValidationError("a blob is named by its digest, such as \(blob.registry)/\(blob.repository)@sha256:…")
    }
  }

  func run(_ places: ImagePlaces) async throws {
    guard let digest = blob.digest else { preconditionFailure("it is validated that there is one") }
    let repository = places.client.repository(blob.repository, at: blob.registry)
    guard let size = try await repository.hasBlob(digest) else {
      throw CommandFailure("\(blob.registry)/\(blob.repository) has no blob \(digest); is it a manifest's digest?")
    }
    let descriptor = Descriptor(mediaType: .octetStream, digest: digest, size: size)
    let bytes = try await repository.blob(descriptor)
    try await ByteOutput.with(output) { output in
      for try await piece in bytes { try await output.write(piece) }
    }
  }
}
