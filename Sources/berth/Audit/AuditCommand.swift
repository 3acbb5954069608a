import ArgumentParser
import Catalog
import Foundation
import OCI

/// `berth audit`: who changed what, and who was denied what.
struct AuditCommand: ManagementCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit", abstract: "Show the audit trail, newest first.")

  @Option(help: "Only what is about this repository.", transform: { try RepositoryName(parsing: $0) })
  var repository: RepositoryName?

  @Option(help: "Only what this user, robot or workflow did or tried.")
  var actor: String?

  @Option(help: "Only what ended so.")
  var outcome: AuditEvent.Outcome?

  @Option(
    help: ArgumentHelp(
      "Only what happened since then, such as 24h or 2027-01-31T12:00:00Z.", valueName: "duration|moment"),
    transform: { try Timestamp(before: .now, $0) })
  var since: Timestamp?

  @Option(
    help: ArgumentHelp("Only what happened before then, written as for --since.", valueName: "duration|moment"),
    transform: { try Timestamp(before: .now, $0) })
  var until: Timestamp?

  @Option(name: .customShort("n"), help: ArgumentHelp("How many events there may be.", valueName: "number"))
  var limit = 100

  @Flag(help: "Print the server's JSON, an object on each line.")
  var json = false

  @OptionGroup var connection: ConnectionOptions

  func validate() throws {
    guard limit > 0 else { throw ValidationError("-n takes a number of 1 or more, not \(limit)") }
  }

  func run(_ client: ManagementClient) async throws {
    var table = Table(
      "TIME", "ACTOR", "CREDENTIAL", "ADDRESS", "ACTION", "OUTCOME", "REPOSITORY", "SUBJECT", "DETAIL")
    var rest = limit
    try await client.pages(of: request) { page in
      if json {
        for line in try JSONOutput.lines(page).prefix(rest) { print(line) }
      }
      let events = try client.read(page, as: [API.AuditEvent].self).prefix(rest)
      for event in events { table.add(event) }
      rest -= events.count
      return rest > 0
    }
    if !json { print(table.text) }
  }

  private var request: ManagementRequest {
    .get(
      "audit",
      [
        ("repository", repository?.value), ("actor", actor), ("outcome", outcome?.rawValue),
        ("since", since?.rfc3339), ("until", until?.rfc3339), ("n", String(min(limit, 1000))),
      ])
  }
}

extension Table {
  fileprivate mutating func add(_ event: API.AuditEvent) {
    let detail = event.detail.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    add(
      event.at, event.actor, event.credential ?? "", event.address ?? "", event.action, event.outcome,
      event.repository ?? "", event.subject, detail.joined(separator: " "))
  }
}
