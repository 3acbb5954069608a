import ArgumentParser
import Images
import OCI
import RegistryClient

/// `berth ls`: the tags of a repository.
struct ListTagsCommand: ImageCommand {
  static let configuration = CommandConfiguration(
    commandName: "ls", abstract: "List the tags of a repository, or the names in a layout.")

  @Argument(
    help: ArgumentHelp(
      "The repository, such as registry.example.org/team/app, or oci:FOLDER.", valueName: "repository"),
    transform: { try ImageLocation(parsing: $0) })
  var repository: ImageLocation

  @OptionGroup var report: ReportOptions
  @OptionGroup var registries: RegistryOptions

  /// The JSON.
  private struct Listing: Encodable {
    let repository: String
    let tags: [String]
  }

  func validate() throws {
    guard repository.name == nil else {
      throw ValidationError("\(repository) is an image: write its repository, without tag and digest")
    }
    switch repository {
    case .registry, .layout: return
    case .layoutArchive, .dockerArchive:
      throw ValidationError("the tags of a repository are listed, or the names in a layout (oci:FOLDER)")
    }
  }

  func run(_ places: ImagePlaces) async throws {
    switch repository {
    case .registry(let reference):
      let place = "\(reference.registry)/\(reference.repository)"
      try await list(places.client.repository(reference.repository, at: reference.registry).tags(), of: place)
    case .layout(let path, _):
      let names = try await LayoutFolder(path).names().map(\.value)
      try report.print(Listing(repository: "\(repository)", tags: names), text: names.joined(separator: "\n"))
    case .layoutArchive, .dockerArchive: preconditionFailure("it is validated that there is none")
    }
  }

  /// Prints page by page, because there may be any number of tags.
  private func list(_ pages: Pages<Tag>, of place: String) async throws {
    if report.json {
      let tags = try await pages.all().map(\.value)
      print(try JSONOutput.pretty(encoding: Listing(repository: place, tags: tags)))
      return
    }
    for try await page in pages where !page.isEmpty { print(page.map(\.value).joined(separator: "\n")) }
  }
}
