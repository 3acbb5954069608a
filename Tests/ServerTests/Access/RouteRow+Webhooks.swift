import HTTPTypes
import NIOHTTP1
import TestSupport

extension RouteRow {
  //  anonymous, reader, writer, owner, administrator, robot, stray robot, expired, revoked
  /// Of a webhook, whose URL may hold a secret, others than who may administer it are not told that it is there.
  private static func administered(_ success: Int) -> [Int] {
    [401, 404, 404, success, success, 404, 404, 401, 401]
  }

  /// The rows of webhooks.
  static let webhooks: [RouteRow] =
    reads(.webhooks, account, "/api/v1/webhooks")
    + [HTTPRequest.Method.get, .head].flatMap { method in
      [
        RouteRow(.webhook, method, administered(200)) { cast in Request("/api/v1/\(try await cast.newWebhook())") },
        RouteRow(.webhookDeliveries, method, administered(200)) { cast in
          Request("/api/v1/\(try await cast.newWebhook())/deliveries")
        },
        RouteRow(.webhookDelivery, method, administered(200)) { cast in
          Request("/api/v1/\(try await cast.newDelivery())")
        },
      ]
    } + [
      RouteRow(.webhooks, .post, ownership(201)) { _ in
        Request("/api/v1/webhooks", json: LiveServer.newWebhookJSON("team"))
      },
      RouteRow(.webhook, .patch, administered(200)) { cast in
        Request("/api/v1/\(try await cast.newWebhook())", json: #"{"disabled":true}"#)
      },
      RouteRow(.webhook, .delete, administered(204)) { cast in Request("/api/v1/\(try await cast.newWebhook())") },
      RouteRow(.webhookPings, .post, administered(202)) { cast in
        Request("/api/v1/\(try await cast.newWebhook())/pings")
      },
      RouteRow(.webhookRedeliveries, .post, administered(202)) { cast in
        Request("/api/v1/\(try await cast.newDelivery())/attempts")
      },
    ]
}
