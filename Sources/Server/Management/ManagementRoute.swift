import Catalog
import HTTPTypes
import OCI

/// What a path under `/api/v1` asks for.
enum ManagementRoute: Hashable {
  case identity
  case users
  case user(AccountName)
  case organizations
  case organization(AccountName)
  case members(AccountName)
  case member(AccountName, AccountName)
  case tokens
  case token(Int64)
  case repositories
  case repository(RepositoryName)
  case authorization
  case audit
  case rules
  case rule(RuleName)
  case protection
  case holds
  case retentionPolicies
  case retentionRuns
  case retentionRun(Int64)
  case retentionApplication(Int64)
  case retentionUndoing(Int64)
  case quotas
  case why
  case usage
  case collections
  case replication
  case replicationJobs(ReplicationRuleName)
  case replicationRuns(ReplicationRuleName)
  case replicationDifferences(ReplicationRuleName)
  case webhooks
  case webhook(Int64)
  case webhookPings(Int64)
  case webhookDeliveries(Int64)
  case webhookDelivery(Int64, Int64)
  case webhookRedeliveries(Int64, Int64)
  case history
  case resolution
  case rollbacks
  case promotions
  case trash
  case trashedManifests
  case trashedTags
  case trashWindow(AccountName)
  case restorations
  case openAPI

  /// The path of the API's root, with the slash behind it.
  static let root = "/api/v1/"

  /// Reads a path, without its query, that begins with `root`.
  ///
  /// - Throws: 404 for a path that is no endpoint; 400 for a name outside its grammar.
  init(path: Substring) throws(RegistryError) {
    let rest = path.dropFirst(Self.root.utf8.count)
    let parts = rest.split(separator: "/", omittingEmptySubsequences: false)
    switch (parts[0], parts.count) {
    case ("whoami", 1): self = .identity
    case ("users", 1): self = .users
    case ("users", 2): self = .user(try Self.account(parts[1]))
    case ("organizations", 1): self = .organizations
    case ("organizations", 2): self = .organization(try Self.account(parts[1]))
    case ("organizations", 3) where parts[2] == "members": self = .members(try Self.account(parts[1]))
    case ("organizations", 4) where parts[2] == "members":
      self = .member(try Self.account(parts[1]), try Self.account(parts[3]))
    case ("tokens", 1): self = .tokens
    case ("tokens", 2):
      guard let id = Int64(parts[1]), id > 0 else {
        throw RegistryError(.unsupported, "a token is named by its number, which `berth token list` shows", status: 400)
      }
      self = .token(id)
    case ("repositories", 1): self = .repositories
    case ("repositories", _):
      do {
        self = .repository(try RepositoryName(parsing: rest.dropFirst("repositories/".utf8.count)))
      } catch {
        throw RegistryError(.nameInvalid, error.description)
      }
    case ("authorization", 1): self = .authorization
    case ("audit", 1): self = .audit
    case ("protection-rules", 1): self = .rules
    case ("protection-rules", 2):
      do {
        self = .rule(try RuleName(parsing: parts[1]))
      } catch {
        throw RegistryError(.nameInvalid, error.description)
      }
    case ("protection", 1): self = .protection
    case ("holds", 1): self = .holds
    case ("retention", 2) where parts[1] == "policies": self = .retentionPolicies
    case ("retention", 2) where parts[1] == "runs": self = .retentionRuns
    case ("retention", 3) where parts[1] == "runs": self = .retentionRun(try Self.run(parts[2]))
    case ("retention", 4) where parts[1] == "runs" && parts[3] == "application":
      self = .retentionApplication(try Self.run(parts[2]))
    case ("retention", 4) where parts[1] == "runs" && parts[3] == "undoing":
      self = .retentionUndoing(try Self.run(parts[2]))
    case ("usage", 1): self = .usage
    case ("why", 1): self = .why
    case ("quotas", 1): self = .quotas
    case ("collections", 1): self = .collections
    case ("replication", 1): self = .replication
    case ("replication", 3) where parts[2] == "jobs": self = .replicationJobs(try Self.rule(parts[1]))
    case ("replication", 3) where parts[2] == "runs": self = .replicationRuns(try Self.rule(parts[1]))
    case ("replication", 3) where parts[2] == "differences": self = .replicationDifferences(try Self.rule(parts[1]))
    case ("webhooks", _): self = try Self.webhook(parts.dropFirst())
    case ("history", 1): self = .history
    case ("resolution", 1): self = .resolution
    case ("rollbacks", 1): self = .rollbacks
    case ("promotions", 1): self = .promotions
    case ("trash", 1): self = .trash
    case ("trash", 2) where parts[1] == "manifests": self = .trashedManifests
    case ("trash", 2) where parts[1] == "tags": self = .trashedTags
    case ("trash", 3) where parts[1] == "windows": self = .trashWindow(try Self.account(parts[2]))
    case ("restorations", 1): self = .restorations
    case ("openapi.json", 1): self = .openAPI
    default: throw Self.noEndpoint
    }
  }

  private static var noEndpoint: RegistryError {
    RegistryError(
      .unsupported, "there is no endpoint at this path; \(root)openapi.json tells which there are", status: 404)
  }

  /// The methods that the endpoint takes.
  var methods: [HTTPRequest.Method] {
    let named = Operation.all.filter { $0.template == template }.map(\.method)
    return named.contains(.get) ? named + [.head] : named
  }

  /// The path with names in braces where values stand.
  var template: String {
    switch self {
    case .identity: "whoami"
    case .users: "users"
    case .user: "users/{user}"
    case .organizations: "organizations"
    case .organization: "organizations/{organization}"
    case .members: "organizations/{organization}/members"
    case .member: "organizations/{organization}/members/{user}"
    case .tokens: "tokens"
    case .token: "tokens/{id}"
    case .repositories: "repositories"
    case .repository: "repositories/{repository}"
    case .authorization: "authorization"
    case .audit: "audit"
    case .rules: "protection-rules"
    case .rule: "protection-rules/{rule}"
    case .protection: "protection"
    case .holds: "holds"
    case .retentionPolicies: "retention/policies"
    case .retentionRuns: "retention/runs"
    case .retentionRun: "retention/runs/{id}"
    case .retentionApplication: "retention/runs/{id}/application"
    case .retentionUndoing: "retention/runs/{id}/undoing"
    case .usage: "usage"
    case .why: "why"
    case .quotas: "quotas"
    case .collections: "collections"
    case .replication: "replication"
    case .replicationJobs: "replication/{rule}/jobs"
    case .replicationRuns: "replication/{rule}/runs"
    case .replicationDifferences: "replication/{rule}/differences"
    case .webhooks: "webhooks"
    case .webhook: "webhooks/{id}"
    case .webhookPings: "webhooks/{id}/pings"
    case .webhookDeliveries: "webhooks/{id}/deliveries"
    case .webhookDelivery: "webhooks/{id}/deliveries/{delivery}"
    case .webhookRedeliveries: "webhooks/{id}/deliveries/{delivery}/attempts"
    case .history: "history"
    case .resolution: "resolution"
    case .rollbacks: "rollbacks"
    case .promotions: "promotions"
    case .trash: "trash"
    case .trashedManifests: "trash/manifests"
    case .trashedTags: "trash/tags"
    case .trashWindow: "trash/windows/{owner}"
    case .restorations: "restorations"
    case .openAPI: "openapi.json"
    }
  }

  private static func rule(_ text: Substring) throws(RegistryError) -> ReplicationRuleName {
    do {
      return try ReplicationRuleName(parsing: text)
    } catch {
      throw RegistryError(.nameInvalid, error.description)
    }
  }

  private static func run(_ text: Substring) throws(RegistryError) -> Int64 {
    guard let id = Int64(text), id > 0 else {
      throw RegistryError(
        .unsupported, "a retention run is named by its number, which `berth retention runs` shows", status: 400)
    }
    return id
  }

  /// What stands behind `webhooks`.
  private static func webhook(_ parts: ArraySlice<Substring>) throws(RegistryError) -> ManagementRoute {
    let parts = Array(parts)
    guard let first = parts.first else { return .webhooks }
    let id = try number(first, "a webhook", "berth webhook list")
    switch (parts.count, parts.count > 1 ? parts[1] : "", parts.count > 3 ? parts[3] : "") {
    case (1, _, _): return .webhook(id)
    case (2, "pings", _): return .webhookPings(id)
    case (2, "deliveries", _): return .webhookDeliveries(id)
    case (3, "deliveries", _): return .webhookDelivery(id, try delivery(parts[2]))
    case (4, "deliveries", "attempts"): return .webhookRedeliveries(id, try delivery(parts[2]))
    default: throw noEndpoint
    }
  }

  private static func delivery(_ text: Substring) throws(RegistryError) -> Int64 {
    try number(text, "a delivery", "berth webhook deliveries")
  }

  private static func number(_ text: Substring, _ what: String, _ command: String) throws(RegistryError) -> Int64 {
    guard let id = Int64(text), id > 0 else {
      throw RegistryError(
        .unsupported, "\(what) is named by its number, which `\(command)` shows", status: 400)
    }
    return id
  }

  private static func account(_ text: Substring) throws(RegistryError) -> AccountName {
    do {
      return try AccountName(parsing: text)
    } catch {
      throw RegistryError(.nameInvalid, error.description)
    }
  }
}
