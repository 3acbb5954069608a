import ArgumentParser
import OCI

/// `berth log`: what a tag has named, and who saw to that.
struct LogCommand: TagManagementCommand {
  static let configuration = CommandConfiguration(
    commandName: "log", abstract: "Show every digest that a tag has had, newest first.",
    discussion: "Deleted tags have their history, too. Who moved a tag is told to those who may push to it.")

  @Argument(help: .tagName)
  var image: String

  @Option(name: [.customShort("n"), .long], help: ArgumentHelp("How many there may be.", valueName: "number"))
  var limit = 100

  @Flag(help: "Print the server's JSON, an object on each line.")
  var json = false

  @OptionGroup var connection: ConnectionOptions

  func validate() throws {
    guard limit > 0 else { throw ValidationError("--limit takes a number of 1 or more, not \(limit)") }
  }

  func run(_ client: ManagementClient, _ name: TagName) async throws {
    guard name.digest == nil, name.moment == nil else {
      throw ValidationError("a log is that of a tag: write nothing behind it")
    }
    var table = Table("SINCE", "UNTIL", "DIGEST", "BY", "CREDENTIAL", "ADDRESS", "WHY")
    var rest = limit
    let request = ManagementRequest.get(
      "history",
      [
        ("repository", name.repository.value), ("tag", name.tagOrLatest.value), ("n", String(min(limit, 1000))),
      ])
    try await client.pages(of: request) { page in
      if json {
        for line in try JSONOutput.lines(page).prefix(rest) { print(line) }
      }
      let lifetimes = try client.read(page, as: [API.TagLifetime].self).prefix(rest)
      for lifetime in lifetimes { table.add(lifetime) }
      rest -= lifetimes.count
      return rest > 0
    }
    if !json { print(table.text) }
  }
}

extension Table {
  fileprivate mutating func add(_ lifetime: API.TagLifetime) {
    var until = lifetime.until ?? "now"
    if lifetime.deleted == true {
      until += " deleted" + (lifetime.endedBy.map { " by \($0.name)" } ?? "")
    }
    add(
      lifetime.since, until, lifetime.digest, lifetime.by?.name ?? "", lifetime.by?.credential ?? "",
      lifetime.by?.address ?? "", lifetime.reason ?? "")
  }
}
