import NIOHTTP1
import OCI
import Testing
import TestSupport

/// What there is for requests of the management API to be about: names that no other test uses.
struct ManagementScene: Sendable {
  let server: LiveServer
  let user: String
  let team: String
  let repository: String
  let token: CreatedToken
  /// A rule for what nobody pushes.
  let rule = LiveServer.newName("rule")
  /// The path of a webhook whose target lets nobody connect, and of a delivery to it.
  let webhook: String
  let delivery: String
  /// A repository with a retention policy that takes what is in it, the run that does, and one that has.
  let kept: String
  let run: String
  let applied: String

  init(_ server: LiveServer) async throws {
    self.server = server
    user = try await server.makeUser().name
    team = try await server.makeOrganization()
    repository = "\(team)/deep/path/api"
    try await server.setRole("write", of: user, in: team)
    token = try await server.makeToken(
      of: user, scopes: ["read:packages", "admin"], repositories: ["\(team)/**"], expiresAt: .now + .seconds(3600))
    _ = try await server.send(.GET, "/v2/", as: token.login)
    webhook = try await server.newWebhook(team).path
    delivery = try await server.newDelivery(webhook)
    kept = "\(team)/kept"
    _ = try await server.pushNewImage(to: kept, tag: "old")
    try await server.mustManage(
      .PUT, "retention/policies",
      #"{"scope":"\#(kept)","policy":"rules: [{name: old, tags: '*', keep: never}]\npulled-lately: 0s"}"#)
    try await server.mustManage(.PUT, "quotas", #"{"scope":"\#(kept)","limit":1000000}"#)
    run = try await server.planRetention(of: kept)
    applied = try await server.planRetention(of: kept)
    try await server.mustManage(.POST, "retention/runs/\(applied)/application")
    for tag in ["v1", "moved", "moved", "gone"] { _ = try await server.pushNewImage(to: repository, tag: tag) }
    try await server.send(.DELETE, "/v2/\(repository)/manifests/gone", as: try server.administrator)
    let held = try await server.pushNewImage(to: repository, tag: "held").manifest
    try await server.mustManage(.POST, "protection-rules", newRule(rule))
    try await server.mustManage(.POST, "holds", newHold("\(held)"))
  }

  func newRule(_ name: String) -> String {
    #"{"name":"\#(name)","repositories":"\#(team)","tags":["v*","!v0*"],"protects":"tags"}"#
  }

  func newHold(_ reference: String) -> String {
    #"{"repository":"\#(repository)","reference":"\#(reference)","reason":"evidence"}"#
  }
}

/// A request of each operation that succeeds.
struct OperationSample: Sendable, CustomTestStringConvertible {
  /// The operation's name in the OpenAPI document.
  let id: String
  let method: HTTPMethod
  let path: @Sendable (ManagementScene) -> String
  let body: (@Sendable (ManagementScene) -> String)?

  var testDescription: String { id }

  private init(
    _ id: String, _ method: HTTPMethod, _ path: @escaping @Sendable (ManagementScene) -> String,
    body: (@Sendable (ManagementScene) -> String)? = nil
  ) {
    self.id = id
    self.method = method
    self.path = path
    self.body = body
  }

  func send(in scene: ManagementScene) async throws -> Reply {
    try await scene.server.manage(method, path(scene), body?(scene))
  }

  static let all: [OperationSample] = [
    OperationSample("getIdentity", .GET, { _ in "whoami" }),
    OperationSample("listUsers", .GET, { _ in "users" }),
    OperationSample("createUser", .POST, { _ in "users" }) { _ in
      #"{"name":"\#(LiveServer.newName("made"))","password":"long enough","administrator":true}"#
    },
    OperationSample("getUser", .GET, { "users/\($0.user)" }),
    OperationSample("changeUser", .PATCH, { "users/\($0.user)" }) { _ in
      #"{"password":"another password","administrator":true,"disabled":true,"defaultVisibility":"internal"}"#
    },
    OperationSample("deleteUser", .DELETE, { "users/\($0.user)" }),
    OperationSample("listOrganizations", .GET, { _ in "organizations" }),
    OperationSample("createOrganization", .POST, { _ in "organizations" }) { _ in
      #"{"name":"\#(LiveServer.newName("made"))"}"#
    },
    OperationSample("getOrganization", .GET, { "organizations/\($0.team)" }),
    OperationSample("changeOrganization", .PATCH, { "organizations/\($0.team)" }) { _ in
      #"{"disabled":true,"defaultVisibility":"public"}"#
    },
    OperationSample("deleteOrganization", .DELETE, { _ in "organizations/empty" }),
    OperationSample("listMembers", .GET, { "organizations/\($0.team)/members" }),
    OperationSample("setMember", .PUT, { "organizations/\($0.team)/members/\($0.user)" }) { _ in #"{"role":"admin"}"# },
    OperationSample("removeMember", .DELETE, { "organizations/\($0.team)/members/\($0.user)" }),
    OperationSample("listTokens", .GET, { "tokens?owner=\($0.user)" }),
    OperationSample("createToken", .POST, { _ in "tokens" }) { scene in
      #"{"name":"robot","owner":"\#(scene.team)","scopes":["read:packages"],"repositories":["\#(scene.team)/*"],"#
        + #""expiresAt":"\#((Timestamp.now + .seconds(3600)).rfc3339)"}"#
    },
    OperationSample("revokeToken", .DELETE, { "tokens/\($0.token.id)" }),
    OperationSample("listRepositories", .GET, { _ in "repositories" }),
    OperationSample("createRepository", .POST, { _ in "repositories" }) { scene in
      #"{"name":"\#(scene.team)/made/by/hand","visibility":"public"}"#
    },
    OperationSample("getRepository", .GET, { "repositories/\($0.repository)" }),
    OperationSample("changeRepository", .PATCH, { "repositories/\($0.repository)" }) { _ in #"{"visibility":null}"# },
    OperationSample(
      "explainAuthorization", .GET,
      { "authorization?action=push&repository=\($0.repository.replacing("/", with: "%2F"))&as=\($0.user)" }),
    OperationSample("listAuditEvents", .GET, { _ in "audit?n=1000" }),
    OperationSample("listRules", .GET, { "protection-rules?repository=\($0.repository)" }),
    OperationSample("addRule", .POST, { _ in "protection-rules" }) { $0.newRule(LiveServer.newName("made")) },
    OperationSample("getRule", .GET, { "protection-rules/\($0.rule)" }),
    OperationSample("removeRule", .DELETE, { "protection-rules/\($0.rule)" }),
    OperationSample("explainProtection", .GET, { "protection?repository=\($0.repository)&reference=v1" }),
    OperationSample("listHolds", .GET, { "holds?repository=\($0.repository)" }),
    OperationSample("hold", .POST, { _ in "holds" }) { $0.newHold("v1") },
    OperationSample("release", .DELETE, { "holds?repository=\($0.repository)&reference=held" }),
    OperationSample("listRetentionPolicies", .GET, { _ in "retention/policies" }),
    OperationSample("setRetentionPolicy", .PUT, { _ in "retention/policies" }) { scene in
      #"{"scope":"\#(scene.repository)","policy":"rules: [{name: old, tags: '*', keep: never}]"}"#
    },
    OperationSample("removeRetentionPolicy", .DELETE, { "retention/policies?scope=\($0.kept)" }),
    OperationSample("listRetentionRuns", .GET, { _ in "retention/runs" }),
    OperationSample("planRetention", .POST, { "retention/runs?all=true&scope=\($0.kept)" }),
    OperationSample("getRetentionRun", .GET, { "retention/runs/\($0.run)" }),
    OperationSample("applyRetention", .POST, { "retention/runs/\($0.run)/application" }),
    OperationSample("undoRetention", .POST, { "retention/runs/\($0.applied)/undoing" }),
    OperationSample("listWebhooks", .GET, { "webhooks?scope=\($0.team)" }),
    OperationSample("addWebhook", .POST, { _ in "webhooks" }) { LiveServer.newWebhookJSON($0.repository) },
    OperationSample("getWebhook", .GET, { $0.webhook }),
    OperationSample("changeWebhook", .PATCH, { $0.webhook }) { _ in
      #"{"format":"registry_package","disabled":true,"secret":"another one of them"}"#
    },
    OperationSample("removeWebhook", .DELETE, { $0.webhook }),
    OperationSample("pingWebhook", .POST, { "\($0.webhook)/pings" }),
    OperationSample("listWebhookDeliveries", .GET, { "\($0.webhook)/deliveries?n=10" }),
    OperationSample("getWebhookDelivery", .GET, { $0.delivery }),
    OperationSample("redeliver", .POST, { "\($0.delivery)/attempts" }),
    OperationSample("explainKeeping", .GET, { "why?repository=\($0.repository)&reference=moved" }),
    OperationSample("showUsage", .GET, { "usage?repository=\($0.repository)&tag=v1&tag=moved" }),
    OperationSample("listQuotas", .GET, { _ in "quotas" }),
    OperationSample("setQuota", .PUT, { _ in "quotas" }) { #"{"scope":"\#($0.team)","limit":1000000}"# },
    OperationSample("removeQuota", .DELETE, { "quotas?scope=\($0.kept)" }),
    OperationSample("collect", .POST, { _ in "collections?dry-run=true&grace=30m" }),
    OperationSample("listReplicationRules", .GET, { _ in "replication" }),
    OperationSample("listReplicationJobs", .GET, { _ in "replication/rule/jobs?n=10" }),
    OperationSample("runReplication", .POST, { _ in "replication/rule/runs" }),
    OperationSample("listReplicationDifferences", .GET, { _ in "replication/rule/differences" }),
    OperationSample("listTagHistory", .GET, { "history?repository=\($0.repository)&tag=v1&n=10" }),
    OperationSample("resolveTag", .GET, { "resolution?repository=\($0.repository)&tag=v1" }),
    OperationSample("rollBack", .POST, { _ in "rollbacks" }) { #"{"repository":"\#($0.repository)","tag":"moved"}"# },
    OperationSample("promote", .POST, { _ in "promotions" }) { scene in
      #"{"source":"\#(scene.repository)","reference":"v1","repository":"\#(scene.team)/prod","tags":["1","latest"]}"#
    },
    OperationSample("listTrashedManifests", .GET, { "trash/manifests?repository=\($0.repository)" }),
    OperationSample("listTrashedTags", .GET, { "trash/tags?repository=\($0.repository)" }),
    OperationSample("emptyTrash", .DELETE, { "trash?repository=\($0.repository)" }),
    OperationSample("getTrashWindow", .GET, { "trash/windows/\($0.team)" }),
    OperationSample("setTrashWindow", .PATCH, { "trash/windows/\($0.team)" }) { _ in #"{"window":"30d"}"# },
    OperationSample("restore", .POST, { _ in "restorations" }) {
      #"{"repository":"\#($0.repository)","reference":"gone"}"#
    },
    OperationSample("getOpenAPI", .GET, { _ in "openapi.json" }),
  ]
}
