import Access
import Catalog
import HTTPTypes
import OCI

/// One thing that the management API does: the table that the OpenAPI document and the reading of bodies are made from.
struct Operation: Sendable {
  struct Parameter: Sendable {
    let name: String
    let kind: Schema.Kind
    let about: String
    var isRequired = false
  }

  let method: HTTPRequest.Method
  /// The path behind `/api/v1/`, with names in braces where values stand.
  let template: String
  /// What it is called, once in all.
  let id: String
  let about: String
  var query: [Parameter] = []
  var body: Schema?
  /// The status of success.
  let status: Int
  /// What comes back; nil where nothing does.
  var result: Schema.Kind?

  /// The operation of a method on a route.
  static func of(_ method: HTTPRequest.Method, _ route: ManagementRoute) -> Operation? {
    let template = route.template
    return all.first { $0.method == method && $0.template == template }
  }

  static let all: [Operation] = general + protection + tags + trash + retention + webhooks + quotas + usage

  private static let general: [Operation] = [
    Operation(
      method: .get, template: "whoami", id: "getIdentity", about: "Who the credential shows.", status: 200,
      result: .object(.identity)),

    Operation(
      method: .get, template: "users", id: "listUsers", about: "Users, in the order of their names.", query: .page,
      status: 200, result: .array(.object(.account))),
    Operation(
      method: .post, template: "users", id: "createUser", about: "Make a user.", body: .newUser, status: 201,
      result: .object(.account)),
    Operation(
      method: .get, template: "users/{user}", id: "getUser", about: "A user.", status: 200, result: .object(.account)),
    Operation(
      method: .patch, template: "users/{user}", id: "changeUser", about: "Change a user; what is left out stays.",
      body: .userChange, status: 200, result: .object(.account)),
    Operation(
      method: .delete, template: "users/{user}", id: "deleteUser",
      about: "Delete a user with its tokens and memberships, unless it owns repositories that hold manifests.",
      status: 204),

    Operation(
      method: .get, template: "organizations", id: "listOrganizations",
      about: "Organizations, in the order of their names: all for administrators, one's own for others.", query: .page,
      status: 200, result: .array(.object(.account))),
    Operation(
      method: .post, template: "organizations", id: "createOrganization", about: "Make an organization.",
      body: .newOrganization, status: 201, result: .object(.account)),
    Operation(
      method: .get, template: "organizations/{organization}", id: "getOrganization", about: "An organization.",
      status: 200, result: .object(.account)),
    Operation(
      method: .patch, template: "organizations/{organization}", id: "changeOrganization",
      about: "Change an organization.", body: .organizationChange, status: 200, result: .object(.account)),
    Operation(
      method: .delete, template: "organizations/{organization}", id: "deleteOrganization",
      about: "Delete an organization with its robots, unless it owns repositories that hold manifests.", status: 204),
    Operation(
      method: .get, template: "organizations/{organization}/members", id: "listMembers",
      about: "Members and their roles.",
      status: 200, result: .array(.object(.member))),
    Operation(
      method: .put, template: "organizations/{organization}/members/{user}", id: "setMember",
      about: "Give a user a role.", body: .memberRole, status: 204),
    Operation(
      method: .delete, template: "organizations/{organization}/members/{user}", id: "removeMember",
      about: "Take a user's role away.", status: 204),

    Operation(
      method: .get, template: "tokens", id: "listTokens", about: "Tokens, without their secrets.", query: [.owner],
      status: 200, result: .array(.object(.token))),
    Operation(
      method: .post, template: "tokens", id: "createToken",
      about: "Make a token of a user, or a robot's where the owner is an organization. The secret is not shown again.",
      body: .newToken, status: 201, result: .object(.madeToken)),
    Operation(
      method: .delete, template: "tokens/{id}", id: "revokeToken", about: "Revoke a token at once.", status: 204),

    Operation(
      method: .get, template: "repositories", id: "listRepositories",
      about: "Repositories that hold something and that the caller may pull from, in the order of their names.",
      query: .page, status: 200, result: .array(.string)),
    Operation(
      method: .post, template: "repositories", id: "createRepository", about: "Make a repository.",
      body: .newRepository, status: 201, result: .object(.repository)),
    Operation(
      method: .get, template: "repositories/{repository}", id: "getRepository",
      about: "A repository; its name may hold slashes.", status: 200, result: .object(.repository)),
    Operation(
      method: .patch, template: "repositories/{repository}", id: "changeRepository", about: "Change a repository.",
      body: .repositoryChange, status: 200, result: .object(.repository)),

    Operation(
      method: .get, template: "authorization", id: "explainAuthorization",
      about: "Whether somebody may do something, and which rule says so.",
      query: [
        Parameter(
          name: "action", kind: .words(RepositoryAction.allCases.map(\.rawValue)), about: "What is to be done.",
          isRequired: true),
        Parameter(name: "repository", kind: .string, about: "Where.", isRequired: true),
        Parameter(name: "as", kind: .string, about: "The user; the caller where it is left out."),
      ], status: 200, result: .object(.decision)),
    Operation(
      method: .get, template: "audit", id: "listAuditEvents", about: "The audit trail, newest first.",
      query: [
        Parameter(name: "repository", kind: .string, about: "Only events of this repository."),
        Parameter(name: "actor", kind: .string, about: "Only events of this actor."),
        Parameter(
          name: "outcome", kind: .words(AuditEvent.Outcome.allCases.map(\.rawValue)),
          about: "Only events that ended so."),
        Parameter(name: "since", kind: .dateTime, about: "Only events at or after this moment."),
        Parameter(name: "until", kind: .dateTime, about: "Only events before this moment."),
        Parameter(name: "before", kind: .integer, about: "Only events with a lower id, for the next page."),
        Parameter(name: "n", kind: .integer, about: "How many, up to 1000; 100 where it is left out."),
      ], status: 200, result: .array(.object(.auditEvent))),
    Operation(
      method: .post, template: "collections", id: "collect",
      about: "Collect what nobody needs any more: a line of JSON for each step, the last with done. With dry-run, one "
        + "object that says what would go.",
      query: [
        Parameter(name: "dry-run", kind: .boolean, about: "Only say what would go."),
        Parameter(name: "grace", kind: .string, about: "How long it must have been unused, such as 30m."),
      ], status: 200),
    Operation(
      method: .get, template: "replication", id: "listReplicationRules",
      about: "How each rule of replication is doing.",
      status: 200, result: .array(.object(.replicationStatus))),
    Operation(
      method: .get, template: "replication/{rule}/jobs", id: "listReplicationJobs",
      about: "What a rule has yet to replicate, in the order in which it was queued.",
      query: [
        Parameter(name: "n", kind: .integer, about: "How many, up to 1000; 100 where it is left out."),
        Parameter(name: "after", kind: .integer, about: "Only jobs with a higher id, for the next page."),
      ], status: 200, result: .array(.object(.replicationJob))),
    Operation(
      method: .post, template: "replication/{rule}/runs", id: "runReplication",
      about: "Compare all that a rule wants with its target, and replicate what differs.", status: 202),
    Operation(
      method: .get, template: "replication/{rule}/differences", id: "listReplicationDifferences",
      about: "What differs between this registry and a rule's target: a line of JSON for each, the last with done.",
      status: 200),
    Operation(
      method: .get, template: "openapi.json", id: "getOpenAPI", about: "This document.", status: 200),
  ]
}

extension Operation.Parameter {
  static let owner = Self(
    name: "owner", kind: .string, about: "A user or an organization; the caller where it is left out.")
}

extension [Operation.Parameter] {
  static let page: Self = [
    Element(name: "n", kind: .integer, about: "How many, up to 1000; 100 where it is left out."),
    Element(name: "last", kind: .string, about: "Only what comes after this name."),
  ]
}
