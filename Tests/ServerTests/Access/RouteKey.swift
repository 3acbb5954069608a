import HTTPTypes
import OCI

@testable import Server

/// Every kind of endpoint, without what stands in its path.
enum RouteKey: CaseIterable {
  case ping, catalog, tags, manifest, blob, uploads, upload, referrers
  case identity, users, user, organizations, organization, members, member, tokens, token, repositories, repository,
    authorization, audit, collections, replication, replicationJobs, replicationRuns, replicationDifferences, openAPI
  case rules, rule, protection, holds
  case history, resolution, rollbacks, promotions, trash, trashedManifests, trashedTags, trashWindow, restorations
  case quotas, why, usage
  case retentionPolicies, retentionRuns, retentionRun, retentionApplication, retentionUndoing
  case githubAccount, packages, packageConflicts, package, packageRestoration, packageVersions, packageVersion,
    packageVersionRestoration, packageVersionTag
  case webhooks, webhook, webhookPings, webhookDeliveries, webhookDelivery, webhookRedeliveries
  case accessToken, keys, health, readiness, metrics
}

extension Endpoint {
  /// A route that is new does not compile before it has a key, and its key fails the table's test before it has rows.
  var key: RouteKey {
    switch self {
    case .distribution(let route): route.key
    case .management(let route): route.key
    case .packages(let route): route.key
    case .token: .accessToken
    case .keys: .keys
    case .health: .health
    case .readiness: .readiness
    case .metrics: .metrics
    }
  }
}

extension DistributionRoute {
  fileprivate var key: RouteKey {
    switch self {
    case .ping: .ping
    case .catalog: .catalog
    case .tags: .tags
    case .manifest: .manifest
    case .blob: .blob
    case .uploads: .uploads
    case .upload: .upload
    case .referrers: .referrers
    }
  }
}

extension PackageRoute {
  fileprivate var key: RouteKey {
    switch self {
    case .account: .githubAccount
    case .packages: .packages
    case .conflicts: .packageConflicts
    case .package: .package
    case .packageRestoration: .packageRestoration
    case .versions: .packageVersions
    case .version: .packageVersion
    case .versionRestoration: .packageVersionRestoration
    case .versionTag: .packageVersionTag
    }
  }
}

extension ManagementRoute {
  fileprivate var key: RouteKey {
    switch self {
    case .identity: .identity
    case .users: .users
    case .user: .user
    case .organizations: .organizations
    case .organization: .organization
    case .members: .members
    case .member: .member
    case .tokens: .tokens
    case .token: .token
    case .repositories: .repositories
    case .repository: .repository
    case .authorization: .authorization
    case .audit: .audit
    case .rules: .rules
    case .rule: .rule
    case .protection: .protection
    case .holds: .holds
    case .retentionPolicies: .retentionPolicies
    case .retentionRuns: .retentionRuns
    case .retentionRun: .retentionRun
    case .retentionApplication: .retentionApplication
    case .retentionUndoing: .retentionUndoing
    case .usage: .usage
    case .why: .why
    case .quotas: .quotas
    case .collections: .collections
    case .replication: .replication
    case .replicationJobs: .replicationJobs
    case .replicationRuns: .replicationRuns
    case .replicationDifferences: .replicationDifferences
    case .webhooks: .webhooks
    case .webhook: .webhook
    case .webhookPings: .webhookPings
    case .webhookDeliveries: .webhookDeliveries
    case .webhookDelivery: .webhookDelivery
    case .webhookRedeliveries: .webhookRedeliveries
    case .history: .history
    case .resolution: .resolution
    case .rollbacks: .rollbacks
    case .promotions: .promotions
    case .trash: .trash
    case .trashedManifests: .trashedManifests
    case .trashedTags: .trashedTags
    case .trashWindow: .trashWindow
    case .restorations: .restorations
    case .openAPI: .openAPI
    }
  }
}
