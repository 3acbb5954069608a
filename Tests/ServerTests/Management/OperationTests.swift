import Foundation
import NIOHTTP1
import OCI
import Testing
import TestSupport

@testable import Server

@Suite(
  "Operations of the management API",
  .liveServer { settings in
    settings.access = .accounts
    settings.webhookPrivateTargets = true
    settings.replication = replicationFile(beside: settings.data)
  })
struct OperationTests {
  private let server = LiveServer.current

  @Test("there is a sample of each")
  func complete() {
    #expect(OperationSample.all.map(\.id).sorted() == Operation.all.map(\.id).sorted())
  }

  @Test("each answers as its description says", arguments: OperationSample.all)
  func answers(_ sample: OperationSample) async throws {
    let scene = try await ManagementScene(server)
    if sample.id == "deleteOrganization" { try await server.makeOrganization("empty") }
    let operation = try #require(Operation.all.first { $0.id == sample.id })
    let reply = try await sample.send(in: scene)
    #expect(reply.status == operation.status, "\(reply.text)")
    guard let result = operation.result else {
      #expect(operation.status != 204 || reply.body.isEmpty)
      return
    }
    #expect(reply["Content-Type"] == "application/json")
    #expect(result.mismatches(try JSONValue(parsing: reply.body)) == [], "\(reply.text)")
  }

  @Test("each of a registry whose access is open answers or says what it takes", arguments: OperationSample.all)
  func openAccess(_ sample: OperationSample) async throws {
    let scene = try await ManagementScene(server)
    let without: Set = [
      "getIdentity", "listRepositories", "listAuditEvents", "collect", "getOpenAPI", "listRules", "addRule",
      "explainProtection", "listHolds", "listTrashedManifests", "listTrashedTags", "emptyTrash", "getTrashWindow",
      "setTrashWindow", "listRetentionPolicies", "setRetentionPolicy", "listRetentionRuns", "planRetention",
      "listWebhooks", "addWebhook", "listQuotas", "setQuota",
    ]
    let ofWhatIsThere: Set = ["getRule", "removeRule", "hold", "release"]
    let aboutContent: Set = [
      "listTagHistory", "resolveTag", "rollBack", "promote", "restore", "explainKeeping", "showUsage",
    ]
    try await LiveServer.run(configure: { $0.webhookPrivateTargets = true }) { open in
      let body = sample.body.map { Array($0(scene).utf8) }
      let reply = try await open.send(sample.method, "/api/v1/\(sample.path(scene))", body: body)
      if ofWhatIsThere.contains(sample.id) {
        #expect(reply.status == 404, "\(reply.text)")
        return
      }
      // What it is about is on the other server alone.
      let numbered: Set = [
        "removeRetentionPolicy", "removeQuota", "getRetentionRun", "applyRetention", "undoRetention", "getWebhook",
        "changeWebhook", "removeWebhook", "pingWebhook", "listWebhookDeliveries", "getWebhookDelivery", "redeliver",
      ]
      if numbered.contains(sample.id) {
        #expect(reply.status == 404 && reply.isError(.nameUnknown), "\(reply.text)")
        return
      }
      if aboutContent.contains(sample.id) {
        #expect(reply.status == 404 && reply.isError(.manifestUnknown), "\(reply.text)")
        return
      }
      guard without.contains(sample.id) else {
        #expect(reply.status == 409 && reply.isError(.unsupported), "\(reply.text)")
        return
      }
      let operation = try #require(Operation.all.first { $0.id == sample.id })
      #expect(reply.status == operation.status, "\(reply.text)")
      if let result = operation.result {
        #expect(result.mismatches(try JSONValue(parsing: reply.body)) == [], "\(reply.text)")
      }
    }
  }
}

/// A file with a rule whose target lets nobody connect.
private func replicationFile(beside data: String) -> String {
  let path = "\(data)-replication.yaml"
  let yaml = """
    targets: {nowhere: {registry: "127.0.0.1:1"}}
    rules: [{name: rule, target: nowhere, repositories: team/*, deletes: true}]
    """
  precondition(FileManager.default.createFile(atPath: path, contents: Data(yaml.utf8)))
  return path
}
