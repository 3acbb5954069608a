import NIOHTTP1
import TestSupport

/// An event as `GET /api/v1/audit` tells it.
struct AuditEventReply: Decodable, Sendable {
  let id: Int
  let at: String
  let actor: String
  let credential: String?
  let address: String?
  let action: String
  let outcome: String
  let repository: String?
  let subject: String
  let detail: [String: String]
}

extension LiveServer {
  /// The audit trail, newest first.
  func auditTrail(_ query: String = "n=1000", as login: Login? = nil) async throws -> [AuditEventReply] {
    try await mustManage(.GET, "audit?\(query)", as: login).decoded()
  }

  /// What the body leaves in the audit trail, oldest first.
  func auditEvents(of body: () async throws -> Void) async throws -> [AuditEventReply] {
    let last = try await auditTrail("n=1").first?.id ?? 0
    try await body()
    return try await auditTrail().filter { $0.id > last }.reversed()
  }
}
