import ArgumentParser
import OCI
import RegistryClient

/// `berth catalog`: the repositories of a registry.
struct CatalogCommand: ImageCommand {
  static let configuration = CommandConfiguration(
    commandName: "catalog", abstract: "List the repositories of a registry.",
    discussion: "Docker Hub and other large registries keep no such list.")

  @Argument(help: "The registry, such as localhost:5000.", transform: { try RegistryHost(parsing: $0) })
  var registry: RegistryHost

  @Option(help: ArgumentHelp("Only names that begin with this, such as team/.", valueName: "text"))
  var prefix: String = ""

  @OptionGroup var report: ReportOptions
  @OptionGroup var registries: RegistryOptions

  /// The JSON.
  private struct Listing: Encodable {
    let registry: String
    let repositories: [String]
  }

  func run(_ places: ImagePlaces) async throws {
    let pages = places.client.registry(registry).repositories(prefix: prefix)
    if report.json {
      let names = try await pages.all().map(\.value)
      print(try JSONOutput.pretty(encoding: Listing(registry: registry.description, repositories: names)))
      return
    }
    for try await page in pages where !page.isEmpty {
      print(page.map(\.value).joined(separator: "\n"))
    }
  }
}
