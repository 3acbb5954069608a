import ArgumentParser
import Catalog
import Foundation
import OCI

/// `berth du`
struct UsageCommand: ManagementCommand {
  static let configuration = CommandConfiguration(
    commandName: "du", abstract: "Show how many bytes there are, and what deleting each thing would free.",
    discussion: """
      Without a name each owner is shown, with an owner its repositories, with a repository its tags. UNIQUE is what \
      nothing else in the registry has, SHARED the rest. FREED is what deleting the one thing would free once it is out of \
      the trash and collected.
      """)

  @Argument(
    help: ArgumentHelp(
      "team, team/api, or tags of one repository: team/api:v1 team/api:v2, which are also taken together.",
      valueName: "name"), transform: UsageName.init(parsing:))
  var names: [UsageName] = []

  @OptionGroup var output: OutputOptions
  @OptionGroup var connection: ConnectionOptions

  func validate() throws { _ = try query }

  private var query: [ManagementRequest.Parameter] {
    get throws {
      switch names.first {
      case nil: return []
      case .owner(let owner) where names.count == 1: return [("owner", owner.value)]
      case .repository(let repository) where names.count == 1: return [("repository", repository.value)]
      default:
        let tags = names.compactMap { if case .tag(let repository, let tag) = $0 { (repository, tag) } else { nil } }
        guard tags.count == names.count, let (repository, _) = tags.first, tags.allSatisfy({ $0.0 == repository })
        else {
          throw ValidationError("name one owner, one repository, or tags of one repository")
        }
        return [("repository", repository.value)] + tags.map { ("tag", $0.1.value) }
      }
    }
  }

  func run(_ client: ManagementClient) async throws {
    var table = Table(heading, "BYTES", "UNIQUE", "SHARED", "FREED")
    let whole = try await client.follow(.get("usage", try query)) { bytes -> API.Usage? in
      let usage: API.Usage = try client.read(bytes)
      if let fault = usage.errors?.first { throw CommandFailure(PlainText.line(fault.message)) }
      if output.json { print(String(decoding: bytes, as: UTF8.self)) }
      if usage.done == true { return usage }
      usage.add(to: &table)
      return nil
    }
    guard !output.json else { return }
    print(table.text)
    if let total = whole.total { print(PlainText.line(total)) }
  }

  private var heading: String {
    switch names.first {
    case nil: "OWNER"
    case .owner: "REPOSITORY"
    case .repository, .tag: "TAG"
    }
  }
}

/// What bytes are asked of.
enum UsageName: Hashable {
  case owner(AccountName)
  case repository(RepositoryName)
  case tag(RepositoryName, Tag)

  /// Reads `team`, `team/api` or `team/api:v1`; a repository whose name is its owner's alone is shown with its owner.
  init(parsing text: String) throws {
    if let mark = text.lastIndex(of: ":") {
      self = .tag(
        try RepositoryName(parsing: text[..<mark]), try Tag(parsing: text[text.index(after: mark)...]))
    } else if text.contains("/") {
      self = .repository(try RepositoryName(parsing: text))
    } else {
      self = .owner(try AccountName(parsing: text))
    }
  }
}

extension API.Usage {
  fileprivate func add(to table: inout Table) {
    let sizes = [bytes, unique, shared, freed].map { ByteText.short($0 ?? 0) }
    table.add(name ?? "", sizes[0], sizes[1], sizes[2], sizes[3])
  }

  /// The line about the whole; nil where there is nothing to say of it.
  fileprivate var total: String? {
    guard let name, let freed else { return nil }
    guard let bytes, let unique else { return "\(name): deleting all of these frees \(ByteText.short(freed))" }
    return "\(name): \(ByteText.short(bytes)), \(ByteText.short(unique)) of it unique"
  }
}
