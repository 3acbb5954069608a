import ArgumentParser
import OCI

/// `berth restore`: what was deleted is there again.
struct RestoreCommand: TagManagementCommand {
  static let configuration = CommandConfiguration(
    commandName: "restore", abstract: "Restore a deleted tag or manifest from the trash.",
    discussion: """
      What a manifest lists is restored with it, and so are signatures and attestations that nobody deleted by \
      themselves.
      """)

  @Argument(help: ArgumentHelp("The tag or manifest, such as team/api:v1 or team/api@sha256:….", valueName: "image"))
  var image: String

  @Flag(help: "Give a manifest the tags back that went with it, where they are free.")
  var tags = false

  @OptionGroup var output: OutputOptions
  @OptionGroup var connection: ConnectionOptions

  func run(_ client: ManagementClient, _ name: TagName) async throws {
    guard name.moment == nil, name.tag != nil || name.digest != nil else {
      throw ValidationError("write what to restore: \(name.repository):TAG or \(name.repository)@DIGEST")
    }
    guard name.tag == nil || name.digest == nil else {
      throw ValidationError("a tag and a digest could mean either of them: write one")
    }
    guard !tags || name.digest != nil else { throw ValidationError("--tags goes with a digest") }
    let answer = try await client.send(
      .post(
        "restorations",
        API.NewRestoration(repository: name.repository.value, reference: name.reference.description, tags: tags)))
    guard !output.json else { return print(try JSONOutput.pretty(answer)) }
    print(Self.text(try client.read(answer, as: API.Restoration.self)))
  }

  private static func text(_ restored: API.Restoration) -> String {
    guard !restored.manifests.isEmpty || !restored.tags.isEmpty else {
      return PlainText.line("\(restored.digest) is there already: nothing to do")
    }
    var lines = ["restored \(restored.digest)"]
    lines += restored.tags.map { "  with its tag \($0)" }
    lines += restored.manifests.filter { $0 != restored.digest }.map { "  with \($0)" }
    lines += restored.taken.map { "  without its tag \($0), which names something else by now" }
    return lines.map(PlainText.line).joined(separator: "\n")
  }
}
