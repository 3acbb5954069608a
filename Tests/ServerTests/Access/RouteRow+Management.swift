import HTTPTypes
import NIOHTTP1
import TestSupport

extension RouteRow {
  //  anonymous, reader, writer, owner, administrator, robot, stray robot, expired, revoked
  private static let anybody = [200, 200, 200, 200, 200, 200, 200, 401, 401]
  /// What whoever logs in here may see: all are members of the organisation, its robots too.
  static let account = [401, 200, 200, 200, 200, 200, 200, 401, 401]
  private static let administrator = administration(200)
  /// What is there for an administrator alone, and for others as if it were not.
  private static let hidden = [401, 404, 404, 404, 200, 404, 404, 401, 401]

  /// What an administrator is told of replication where there is none.
  private static let unreplicated = administration(409)

  private static func administration(_ success: Int) -> [Int] {
    [401, 403, 403, 403, success, 403, 403, 401, 401]
  }

  static func ownership(_ success: Int) -> [Int] {
    [401, 403, 403, success, success, 403, 403, 401, 401]
  }

  /// The rows of `/api/v1`.
  static let management: [RouteRow] =
    accounts + organizations + tokens + repositories + protection + tags + others + retention + webhooks + quotas

  private static let accounts: [RouteRow] =
    reads(.identity, anybody, "/api/v1/whoami") + reads(.users, administrator, "/api/v1/users") + [
      RouteRow(.users, .post, administration(201)) { _ in
        Request("/api/v1/users", json: #"{"name":"\#(LiveServer.newName("made"))"}"#)
      },
      RouteRow(.user, .get, hidden) { cast in Request("/api/v1/users/\(try await cast.newUser())") },
      RouteRow(.user, .head, hidden) { cast in Request("/api/v1/users/\(try await cast.newUser())") },
      RouteRow(.user, .patch, hidden) { cast in
        Request("/api/v1/users/\(try await cast.newUser())", json: #"{"disabled":true}"#)
      },
      RouteRow(.user, .delete, administration(204)) { cast in Request("/api/v1/users/\(try await cast.newUser())") },
    ]

  private static let organizations: [RouteRow] =
    reads(.organizations, account, "/api/v1/organizations")
    + reads(.organization, account, "/api/v1/organizations/team")
    + reads(.members, account, "/api/v1/organizations/team/members") + [
      RouteRow(.organizations, .post, administration(201)) { _ in
        Request("/api/v1/organizations", json: #"{"name":"\#(LiveServer.newName("made"))"}"#)
      },
      RouteRow(.organization, .patch, ownership(200)) { _ in
        Request("/api/v1/organizations/team", json: #"{"defaultVisibility":"private"}"#)
      },
      RouteRow(.organization, .delete, administration(204)) { cast in
        Request("/api/v1/organizations/\(try await cast.server.makeOrganization())")
      },
      RouteRow(.member, .put, ownership(204)) { cast in
        Request("/api/v1/organizations/team/members/\(try await cast.newUser())", json: #"{"role":"read"}"#)
      },
      RouteRow(.member, .delete, ownership(204)) { cast in
        Request("/api/v1/organizations/team/members/\(try await cast.newMember())")
      },
    ]

  /// Everybody who logs in by a password has tokens; with one that is for packages alone there are no others to be had.
  private static let tokens: [RouteRow] =
    reads(.tokens, [401, 200, 200, 200, 200, 403, 403, 401, 401], "/api/v1/tokens") + [
      RouteRow(.tokens, .post, [401, 201, 201, 201, 201, 403, 403, 401, 401]) { _ in
        Request("/api/v1/tokens", json: #"{"name":"\#(LiveServer.newName("made"))","scopes":["read:packages"]}"#)
      },
      RouteRow(.token, .delete, [401, 404, 404, 204, 204, 404, 404, 401, 401]) { cast in
        Request("/api/v1/tokens/\(try await cast.server.makeToken(of: "team", scopes: ["read:packages"]).id)")
      },
    ]

  private static let repositories: [RouteRow] =
    reads(.repositories, anybody, "/api/v1/repositories")
    + reads(
      .repository, [404, 200, 200, 200, 200, 200, 404, 401, 401], "/api/v1/repositories/\(Cast.repository)")
    + [
      RouteRow(.repositories, .post, ownership(201)) { _ in
        Request("/api/v1/repositories", json: #"{"name":"team/\#(LiveServer.newName("made"))"}"#)
      },
      RouteRow(.repository, .patch, ownership(200)) { cast in
        Request("/api/v1/repositories/\(try await cast.newRepository())", json: #"{"visibility":"internal"}"#)
      },
    ]

  private static let others: [RouteRow] =
    reads(.authorization, anybody, "/api/v1/authorization?action=pull&repository=\(Cast.repository)")
    + reads(.audit, administrator, "/api/v1/audit")
    + reads(.replication, unreplicated, "/api/v1/replication")
    + reads(.replicationJobs, unreplicated, "/api/v1/replication/rule/jobs")
    + reads(.replicationDifferences, unreplicated, "/api/v1/replication/rule/differences")
    + reads(.openAPI, anybody, "/api/v1/openapi.json") + [
      RouteRow(.collections, .post, administrator, "/api/v1/collections?dry-run=true"),
      RouteRow(.replicationRuns, .post, unreplicated, "/api/v1/replication/rule/runs"),
    ]

  /// What is there for those who administer the owner, and for others as if it were not.
  private static let ownersAlone = [401, 404, 404, 200, 200, 404, 404, 401, 401]

  private static let retention: [RouteRow] =
    reads(.retentionPolicies, account, "/api/v1/retention/policies")
    + reads(.retentionRuns, account, "/api/v1/retention/runs") + [
      RouteRow(.retentionPolicies, .put, ownership(200)) { _ in
        Request(
          "/api/v1/retention/policies",
          json: #"{"scope":"team/\#(LiveServer.newName("made"))","policy":"rules: []"}"#)
      },
      RouteRow(.retentionPolicies, .delete, ownership(204)) { cast in
        Request("/api/v1/retention/policies?scope=\(try await cast.newPolicy())")
      },
      RouteRow(.retentionRuns, .post, ownership(200), "/api/v1/retention/runs?scope=\(Cast.repository)"),
      RouteRow(.retentionRun, .get, ownersAlone) { cast in
        Request("/api/v1/retention/runs/\(try await cast.newRun())")
      },
      RouteRow(.retentionRun, .head, ownersAlone) { cast in
        Request("/api/v1/retention/runs/\(try await cast.newRun())")
      },
      RouteRow(.retentionApplication, .post, ownersAlone) { cast in
        Request("/api/v1/retention/runs/\(try await cast.newRun())/application")
      },
      RouteRow(.retentionUndoing, .post, ownersAlone) { cast in
        let run = try await cast.newRun()
        try await cast.server.mustManage(.POST, "retention/runs/\(run)/application")
        return Request("/api/v1/retention/runs/\(run)/undoing")
      },
    ]

  private static let quotas: [RouteRow] =
    reads(.quotas, account, "/api/v1/quotas") + reads(.usage, administrator, "/api/v1/usage") + [
      RouteRow(.quotas, .put, administration(200)) { _ in
        Request("/api/v1/quotas", json: #"{"scope":"team/\#(LiveServer.newName("made"))","limit":1000}"#)
      },
      RouteRow(.quotas, .delete, administration(204)) { cast in
        let scope = "team/\(LiveServer.newName("made"))"
        try await cast.server.mustManage(.PUT, "quotas", #"{"scope":"\#(scope)","limit":1000}"#)
        return Request("/api/v1/quotas?scope=\(scope)")
      },
    ]

  /// The rows of what is neither under `/v2` nor under `/api`.
  static let service: [RouteRow] =
    reads(.accessToken, anybody, "/token?service=berth&scope=repository:\(Cast.repository):pull")
    + reads(.keys, anybody, "/.well-known/jwks.json")
    + reads(.health, [200, 200, 200, 200, 200, 200, 200, 200, 200], "/healthz")
    + reads(.readiness, [200, 200, 200, 200, 200, 200, 200, 200, 200], "/readyz")
    + reads(.metrics, administrator, "/metrics") + [
      RouteRow(.accessToken, .post, anybody) { _ in
        Request(
          "/token",
          body: Array(
            "grant_type=password&service=berth&username=reader&password=\(LiveServer.password)".replacing(
              " ", with: "+"
            )
            .utf8))
      }
    ]

  /// The whole table.
  static let all = distribution + management + packages + service
}
