import ArgumentParser
import OCI

/// `berth rollback`: a tag names again what it named before.
struct RollbackCommand: TagManagementCommand {
  static let configuration = CommandConfiguration(
    commandName: "rollback", abstract: "Have a tag name again what it named before.",
    discussion: "What it named before is restored where it is in the trash.")

  @Argument(help: .tagName)
  var image: String

  /// What a tag goes back to.
  enum Target: Sendable {
    case digest(Digest)
    case moment(Timestamp)
  }

  @Option(
    help: ArgumentHelp(
      "A digest of its history, or a moment, such as 2026-11-01T12:00Z or 2h; what it named last if not given.",
      valueName: "digest|duration|moment"),
    transform: { text in
      if let digest = try? Digest(parsing: text) { return .digest(digest) }
      return .moment(try Timestamp(before: .now, text))
    })
  var to: Target?

  @Option(help: .expectedDigest)
  var expect: Expectation?

  @OptionGroup var output: OutputOptions
  @OptionGroup var connection: ConnectionOptions

  func run(_ client: ManagementClient, _ name: TagName) async throws {
    guard name.digest == nil, name.moment == nil else {
      throw ValidationError("where a tag goes back to is written as --to")
    }
    var (digest, moment): (String?, String?) = (nil, nil)
    switch to {
    case .digest(let wanted): digest = wanted.description
    case .moment(let wanted): moment = wanted.preciseRFC3339
    case nil: break
    }
    let tag = name.tagOrLatest
    let answer = try await client.send(
      .post(
        "rollbacks",
        API.NewRollback(
          repository: name.repository.value, tag: tag.value, digest: digest, at: moment, expect: expect?.text)))
    guard !output.json else { return print(try JSONOutput.pretty(answer)) }
    let result = try client.read(answer, as: API.Rollback.self)
    let what = "\(name.repository):\(tag)"
    guard let from = result.from else {
      return print(PlainText.line("\(what) names \(result.digest) already: nothing to do"))
    }
    let restored = result.restored.isEmpty ? "" : ", with \(result.restored.count) manifests from the trash"
    print(PlainText.line("\(what) names \(result.digest) again, and not \(from) any more\(restored)"))
  }
}
