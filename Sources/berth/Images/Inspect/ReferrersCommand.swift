import ArgumentParser
import Images
import OCI

/// `berth referrers`: what refers to an image, such as signatures and SBOMs.
struct ReferrersCommand: ImageCommand {
  static let configuration = CommandConfiguration(
    commandName: "referrers", abstract: "List what refers to an image: signatures, SBOMs, attestations.")

  @OptionGroup var image: ImageArgument

  @Option(
    help: ArgumentHelp(
      "What refers to this platform's image, where the name is that of an index.", valueName: "platform"),
    transform: { try Platform(parsing: $0) })
  var platform: Platform?

  @Option(help: ArgumentHelp("Only this type, such as application/spdx+json.", valueName: "type"))
  var artifactType: String?

  @OptionGroup var report: ReportOptions
  @OptionGroup var registries: RegistryOptions

  func run(_ places: ImagePlaces) async throws {
    let image = try await places.open(image.location)
    var descriptor = try await image.source.mustResolve(image.name)
    if platform != nil { descriptor = try await image.source.image(descriptor, platform: platform).descriptor }
    let referrers = try await image.source.referrers(of: descriptor.digest)
      .filter { artifactType == nil || $0.artifactType == artifactType }
    try report.print(referrers.map { DescriptorReport($0) }, text: Self.table(referrers))
  }

  static func table(_ referrers: [Descriptor]) -> String {
    var table = Table("DIGEST", "SIZE", "TYPE", "ANNOTATIONS")
    for referrer in referrers {
      let annotations = referrer.annotations.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
      table.add(
        referrer.digest.description, ByteText.short(referrer.size), referrer.artifactType ?? referrer.mediaType.value,
        annotations.joined(separator: ", "))
    }
    return table.text
  }
}
