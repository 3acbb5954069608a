import NIOHTTP1
import OCI
import TestSupport

extension LiveServer {
  static let webhookSecret = "a secret of sixteen"

  /// What makes a webhook, of a target that lets nobody connect where no other is named.
  static func newWebhookJSON(
    _ scope: String, _ url: String = "http://127.0.0.1:1/hook", _ more: String = ""
  ) -> String {
    #"{"scope":"\#(scope)","url":"\#(url)","secret":"\#(webhookSecret)"\#(more)}"#
  }

  /// Makes a webhook, as an administrator where there are accounts.
  ///
  /// - Returns: its number, and its path behind `/api/v1/`.
  func newWebhook(
    _ scope: String, _ url: String = "http://127.0.0.1:1/hook", _ more: String = ""
  ) async throws -> (id: Int64, path: String) {
    let reply = try await mustManage(.POST, "webhooks", Self.newWebhookJSON(scope, url, more))
    let id = try reply.number
    return (id, "webhooks/\(id)")
  }

  /// Has a webhook pinged.
  ///
  /// - Returns: the delivery's path behind `/api/v1/`.
  func newDelivery(_ webhook: String) async throws -> String {
    "\(webhook)/deliveries/\(try await mustManage(.POST, "\(webhook)/pings").number)"
  }
}

extension Reply {
  /// The member `id`.
  var number: Int64 {
    get throws {
      guard case .integer(let id)? = try JSONValue(parsing: body)["id"] else { throw NoNumber() }
      return id
    }
  }

  private struct NoNumber: Error {}
}
