import ArgumentParser
import Foundation
import Images
import NIOPosix
import OCI
import RegistryClient

/// `berth delete`: a tag alone, or a manifest with what else goes named before it goes.
struct DeleteCommand: ImageCommand {
  static let configuration = CommandConfiguration(
    commandName: "delete", abstract: "Delete a tag, or a manifest with all its tags.",
    discussion: """
      A tag goes alone: the image and its other tags stay. With a digest, or --digest, the manifest goes: its tags, \
      the indexes that list it and what refers to it are named first, and a question is asked.
      """)

  @Argument(
    help: "The tag or the digest, such as registry.example.org/team/app:old.",
    transform: { try ImageReference(parsing: $0) })
  var image: ImageReference

  @Flag(help: "Delete the manifest that the tag stands for, with all its tags.")
  var digest = false

  @Flag(help: "Say what would go, and delete nothing.")
  var dryRun = false

  @Flag(help: "Ask nothing.")
  var yes = false

  @OptionGroup var report: ReportOptions
  @OptionGroup var registries: RegistryOptions

  func validate() throws {
    guard image.tag != nil || image.digest != nil else {
      throw ValidationError("write what to delete: \(image):TAG or \(image)@DIGEST")
    }
    guard image.tag == nil || image.digest == nil else {
      throw ValidationError("a tag and a digest could mean either of them: write one")
    }
  }

  func run(_ places: ImagePlaces) async throws {
    let repository = places.client.repository(image.repository, at: image.registry).asTarget
    guard let descriptor = try await repository.head(image.reference) else {
      throw CommandFailure("\(image) is not there")
    }
    if let tag = image.tag, !digest {
      try await delete(tag, of: descriptor, in: repository)
    } else {
      try await delete(descriptor, in: repository)
    }
  }

  private func delete(_ tag: Tag, of descriptor: Descriptor, in repository: RemoteRepository) async throws {
    let deletion = DeletionReport(tag: tag, of: descriptor, isDone: !dryRun)
    var isDone = dryRun
    if !dryRun { isDone = try await repository.deleteAlone(tag) }
    guard isDone else {
      let plan = DeletionReport(try await repository.planDeletion(of: descriptor), isDone: false)
      throw CommandFailure(
        "\(image.registry) deletes whole manifests only, and no tag alone; --digest would delete \(plan.summary)")
    }
    try report.print(deletion, text: deletion.text)
  }

  private func delete(_ descriptor: Descriptor, in repository: RemoteRepository) async throws {
    let plan = try await repository.planDeletion(of: descriptor)
    if !dryRun {
      if !yes {
        StandardError.write(DeletionReport(plan, isDone: false).text + "\n")
        guard try await confirm() else { throw CommandFailure("nothing was deleted") }
      }
      guard try await repository.delete(manifest: .digest(descriptor.digest)) else {
        throw CommandFailure("\(descriptor.digest) is not in \(image.registry)/\(image.repository) any more")
      }
    }
    let deletion = DeletionReport(plan, isDone: !dryRun)
    try report.print(deletion, text: deletion.text)
  }

  private func confirm() async throws -> Bool {
    try await NIOThreadPool.singleton.runIfActive {
      try Terminal(for: "whether to go on", alternative: "write --yes").confirm("Delete it?")
    }
  }
}
