import HTTPTypes
import NIOHTTP1
import OCI
import TestSupport

extension RouteRow {
  //  anonymous, reader, writer, owner, administrator, robot, stray robot, expired, revoked
  private static let pullers = [401, 200, 200, 200, 200, 200, 404, 401, 401]

  /// As `ownership`, of what is in a repository from which the stray robot may not pull.
  private static func holding(_ success: Int) -> [Int] {
    [401, 403, 403, success, success, 403, 404, 401, 401]
  }

  /// The rows of rules and holds.
  static let protection: [RouteRow] =
    reads(.rules, account, "/api/v1/protection-rules")
    + reads(.protection, pullers, "/api/v1/protection?repository=\(Cast.repository)&reference=\(Cast.tag)")
    + reads(.holds, pullers, "/api/v1/holds?repository=\(Cast.repository)") + [
      RouteRow(.rules, .post, ownership(201)) { _ in
        Request("/api/v1/protection-rules", json: rule(LiveServer.newName("rule")))
      },
      RouteRow(.rule, .get, account) { cast in Request(try await newRule(cast)) },
      RouteRow(.rule, .head, account) { cast in Request(try await newRule(cast)) },
      RouteRow(.rule, .delete, ownership(204)) { cast in Request(try await newRule(cast)) },
      RouteRow(.holds, .post, holding(201)) { cast in Request("/api/v1/holds", json: hold(try await cast.newTag())) },
      RouteRow(.holds, .delete, holding(204)) { cast in
        let tag = try await cast.newTag()
        try await cast.server.mustManage(.POST, "holds", hold(tag))
        return Request("/api/v1/holds?repository=\(Cast.repository)&reference=\(tag)")
      },
    ]

  private static func rule(_ name: String) -> String {
    #"{"name":"\#(name)","repositories":"team/*","tags":["never-pushed"]}"#
  }

  private static func newRule(_ cast: Cast) async throws -> String {
    let name = LiveServer.newName("rule")
    try await cast.server.mustManage(.POST, "protection-rules", rule(name))
    return "/api/v1/protection-rules/\(name)"
  }

  private static func hold(_ tag: String) -> String {
    #"{"repository":"\#(Cast.repository)","reference":"\#(tag)","reason":"evidence"}"#
  }
}
