import Access
import HTTPTypes
import OCI

/// What a request takes to be answered, on a registry with accounts.
enum Requirement: Hashable {
  /// Nothing, or what the endpoint itself looks at.
  case nothing
  /// That somebody logged in, or at least asked for a token.
  case token
  /// That somebody is logged in.
  case account
  /// That lists of repositories were asked for.
  case catalog
  /// That an action on a repository is allowed.
  case action(RepositoryAction, RepositoryName)
  /// An administrator of the registry.
  case administrator

  /// The value of `scope` in a challenge (Distribution's token specification, "How to authenticate").
  var scope: String? {
    switch self {
    case .nothing, .token, .account, .administrator: nil
    case .catalog: "registry:catalog:*"
    case .action(.pull, let name): "repository:\(name):pull"
    case .action(.push, let name): "repository:\(name):pull,push"
    case .action(.delete, let name): "repository:\(name):delete"
    }
  }
}

extension Endpoint {
  /// What a request takes to be answered.
  func requirement(for method: HTTPRequest.Method) -> Requirement {
    switch self {
    case .distribution(let route): route.requirement(for: method)
    case .management(let route): route.requirement
    case .packages: .account
    case .metrics: .administrator
    case .token, .keys, .health, .readiness: .nothing
    }
  }
}

extension ManagementRoute {
  /// What all methods take; what each takes beyond that is access control's to say.
  fileprivate var requirement: Requirement {
    switch self {
    case .identity, .openAPI, .repositories, .repository, .authorization, .audit, .history, .resolution, .rollbacks,
      .promotions, .trash, .trashedManifests, .trashedTags, .restorations, .why, .usage:
      .nothing
    case .users, .user, .organizations, .organization, .members, .member, .tokens, .token, .rules, .rule, .protection,
      .holds, .trashWindow, .retentionPolicies, .retentionRuns, .retentionRun, .retentionApplication,
      .retentionUndoing, .webhooks, .webhook, .webhookPings, .webhookDeliveries, .webhookDelivery,
      .webhookRedeliveries, .quotas:
      .account
    case .collections, .replication, .replicationJobs, .replicationRuns, .replicationDifferences: .administrator
    }
  }
}

extension DistributionRoute {
  func requirement(for method: HTTPRequest.Method) -> Requirement {
    switch self {
    case .ping: .token
    case .catalog: .catalog
    case .tags(let name), .referrers(let name, _): .action(.pull, name)
    case .uploads(let name), .upload(let name, _): .action(.push, name)
    case .manifest(let name, _), .blob(let name, _):
      switch method {
      case .put: .action(.push, name)
      case .delete: .action(.delete, name)
      default: .action(.pull, name)
      }
    }
  }
}
