public import Catalog
public import Testing

/// What every implementation of `Catalog` must do: cases that are each given an empty catalogue.
public struct CatalogSuite: Sendable, CustomTestStringConvertible {
  /// What the case expects, as a sentence.
  public let testDescription: String
  private let body: @Sendable (CatalogScenario) async throws -> Void

  init(_ behaviour: String, _ run: @escaping @Sendable (CatalogScenario) async throws -> Void) {
    testDescription = behaviour
    body = run
  }

  /// Runs the case in a catalogue that is empty.
  public func run(_ catalog: any Catalog) async throws {
    try await body(CatalogScenario(catalog))
    let faults = try await catalog.inconsistencies()
    #expect(faults == [], "the catalogue is whole after: \(testDescription)")
    let usage = try await catalog.usageFaults()
    #expect(usage == [], "what is counted is there after: \(testDescription)")
  }

  /// The cases that need no more than one client.
  public static let all =
    uploads + blobs + manifests + tags + lists + deletes + collection + untagged + doctor
    + mirror + history + promotion + trash + accounts + members + tokens + visibility + keys + audit + auditOfPushes
    + auditOfAccess + feed + replication + protection + holds + protectedGraphs + retention + packages + webhooks
    + quotas + why + usage
}
