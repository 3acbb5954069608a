import ArgumentParser
import Foundation
import Images
import OCI
import RegistryClient

/// `berth promote`: tags of a release name what was tested.
struct PromoteCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "promote", abstract: "Have tags name an image, in its repository, another one or another registry.",
    usage: """
      berth promote <image> --to <tag>[,<tag>...] [<options>]
      berth promote <image> --to [<registry>/]<repository>[:<tag>[,<tag>...]] [<options>]
      berth promote <image> --from <environment> --to <environment> [--tag <tag> ...] [<options>]
      """,
    discussion: """
      The image is looked up once. Within a server all tags are moved at once or none, with all that the image lists and \
      that refers to it; to another registry it is copied first, and tags are set last. What is done already is not done \
      again. docs/promotion.md describes the file of environments.
      """)

  @Argument(
    help: ArgumentHelp(
      "What to promote, such as team/api:main-abc1234 or registry.example.org/team/api@sha256:….",
      valueName: "image"))
  var image: String

  @Option(help: ArgumentHelp("The tags, the repository, or with --from the environment.", valueName: "target"))
  var to: String

  @Option(help: ArgumentHelp("The environment where the image is.", valueName: "environment"))
  var from: String?

  @Option(
    help: ArgumentHelp("A tag in the other environment, else the image's own; may be repeated.", valueName: "tag"),
    transform: { try Tag(parsing: $0) })
  var tag: [Tag] = []

  @Option(
    help: ArgumentHelp(
      "The file of environments (BERTH_ENVIRONMENTS; else \(Self.standardFile)).", valueName: "file"))
  var environments: String?

  @Option(
    help: ArgumentHelp(
      "Do it only where each tag that names something else names this digest now, or, with none, is not there.",
      valueName: "digest|none"))
  var expect: Expectation?

  @Option(
    help: ArgumentHelp("Speak plain HTTP to this registry when copying; may be repeated.", valueName: "host"),
    transform: { try RegistryHost(parsing: $0) })
  var plainHttp: [RegistryHost] = []

  @Flag(name: [.short, .long], help: "Show no progress.")
  var quiet = false

  @OptionGroup var report: ReportOptions
  @OptionGroup var connection: ConnectionOptions

  private static let standardFile = ".berth/environments.yaml"

  func validate() throws {
    guard tag.isEmpty || from != nil else { throw ValidationError("--tag goes with --from; write tags as --to") }
  }

  func run() async throws {
    let environment = ProcessInfo.processInfo.environment
    let path = try path(environment)
    let options = connection.naming(path.sourceRegistry)
    let server = try ServerAddress(argument: options.server, environment: environment)
    let target = try path.targetRegistry ?? connection.ownRegistry(environment)
    if target == server.registry {
      let connection = try await options.connection(environment: environment)
      try await ManagementClient.with(connection) { try await promote(path, by: $0) }
    } else {
      try await copy(path, from: server.registry, to: target, environment)
    }
  }

  private func path(_ environment: [String: String]) throws -> PromotionPath {
    let name = try connection.name(image, environment: environment)
    guard name.moment == nil else { throw ValidationError("an image is named by a tag or a digest") }
    do {
      guard let from else { return try PromotionPath(name, to: to) }
      let file = environments ?? environment.text("BERTH_ENVIRONMENTS") ?? Self.standardFile
      let (source, target) = try Self.read(file).path(from: from, to: to)
      return try PromotionPath(name, from: source, to: target, tags: tag)
    } catch let error as CommandFailure {
      throw error
    } catch {
      throw ValidationError("\(error)")
    }
  }

  private static func read(_ file: String) throws -> Environments {
    let bytes: Data
    do {
      bytes = try Data(contentsOf: URL(filePath: file))
    } catch {
      throw CommandFailure("the file of environments \(file) cannot be read; --environments names another")
    }
    do {
      return try Environments(yaml: Array(bytes))
    } catch {
      throw CommandFailure("\(file): \(error)")
    }
  }

  private func promote(_ path: PromotionPath, by client: ManagementClient) async throws {
    let answer = try await client.send(
      .post(
        "promotions",
        API.NewPromotion(
          source: path.source.value, reference: path.reference.description, repository: path.target.value,
          tags: path.tags.map(\.value), expect: expect?.text)))
    guard !report.json else { return print(try JSONOutput.pretty(answer)) }
    print(Self.text(try client.read(answer, as: API.Promotion.self)))
  }

  private static func text(_ promotion: API.Promotion) -> String {
    let tags = promotion.tags.map(\.tag).joined(separator: ", ")
    guard promotion.changed else {
      return PlainText.line("\(promotion.repository): \(tags): \(promotion.digest) already: nothing to do")
    }
    var lines = ["promoted \(promotion.digest)"]
    for tag in promotion.tags {
      let before =
        switch tag.from {
        case nil: "new"
        case promotion.digest: "already"
        case let digest?: "was \(digest)"
        }
      lines.append("  \(promotion.repository):\(tag.tag)  \(before)")
    }
    if !promotion.manifests.isEmpty {
      lines.append("  with \(promotion.manifests.count) manifests that were not there")
    }
    if !promotion.referrerTags.isEmpty {
      lines.append("  with the tags \(promotion.referrerTags.joined(separator: ", "))")
    }
    return lines.map(PlainText.line).joined(separator: "\n")
  }
}

extension PromoteCommand {
  /// Copies between registries of any kind, tags last.
  private func copy(
    _ path: PromotionPath, from source: RegistryHost, to target: RegistryHost, _ environment: [String: String]
  ) async throws {
    var arguments = plainHttp.flatMap { ["--plain-http", $0.description] }
    if let file = connection.trust.path(environment: environment) { arguments += ["--ca", file] }
    let client = try await RegistryOptions.parse(arguments).client(environment: environment)
    let images = ImagePlaces(client: client, journal: UploadJournal(environment: environment))
    do {
      try await Interruption.cancels { try await copy(path, from: source, to: target, images) }
    } catch {
      // Of two errors the first one says what happened.
      try? await client.shutdown()
      throw error
    }
    try await client.shutdown()
  }

  private func copy(
    _ path: PromotionPath, from source: RegistryHost, to target: RegistryHost, _ places: ImagePlaces
  ) async throws {
    let image = ImageReference(registry: source, repository: path.source).with(path.reference)
    let place = ImageReference(registry: target, repository: path.target)
    let from = try await places.open(.registry(image))
    let to = try await places.target(.registry(place))
    let descriptor = try await from.source.mustResolve(from.name)
    try await requireExpected(path.tags, other: descriptor.digest, at: to)
    var options = CopyOptions()
    options.referrers = true
    let display = ProgressDisplay(places: [to.place], isQuiet: quiet)
    defer { display.clear() }
    let result = try await Copier(options) { display.show($0) }.copy(
      .digest(descriptor.digest), from: from.source,
      to: [CopyDestination(to, names: path.tags.map { RefName($0) })])
    display.clear()
    let outcome = CopyOutcome(result, source: image.description)
    try report.print(outcome, text: outcome.text)
    if outcome.hasFailed { throw ExitCode.failure }
  }

  /// Looks before the copy, which no registry does at the moment when it sets a tag.
  private func requireExpected(_ tags: [Tag], other digest: Digest, at target: any ImageTarget) async throws {
    guard let expect else { return }
    for tag in tags {
      let now = try await target.digest(of: RefName(tag))
      guard now != digest else { continue }
      let isExpected =
        switch expect {
        case .nothing: now == nil
        case .digest(let expected): now == expected
        }
      guard isExpected else {
        throw CommandFailure(
          "\(target.place):\(tag) names \(now?.description ?? "nothing") now, and \(expect.text) was expected")
      }
    }
  }
}

extension ConnectionOptions {
  /// The server of the options, the environment, or else the standard one.
  fileprivate func ownRegistry(_ environment: [String: String]) throws -> RegistryHost {
    try ServerAddress(argument: server, environment: environment).registry
  }
}
