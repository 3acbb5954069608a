import HTTPTypes
import TestSupport

extension RouteRow {
  //  anonymous, reader, writer, owner, administrator, robot, stray robot, expired, revoked
  private static let pull = [401, 200, 200, 200, 200, 200, 403, 401, 401]
  private static let push = [401, 403, 200, 200, 200, 200, 403, 401, 401]
  private static let delete = [401, 403, 403, 200, 200, 200, 403, 401, 401]
  private static let ownership = [401, 403, 403, 200, 200, 403, 403, 401, 401]

  private static let tag = "repository=\(Cast.repository)&tag=\(Cast.tag)"

  /// The rows of what is about tags and the trash.
  static let tags: [RouteRow] =
    reads(.history, pull, "/api/v1/history?\(tag)") + reads(.resolution, pull, "/api/v1/resolution?\(tag)")
    + reads(.why, pull, "/api/v1/why?repository=\(Cast.repository)&reference=\(Cast.tag)")
    + reads(.trashedManifests, push, "/api/v1/trash/manifests?repository=\(Cast.repository)")
    + reads(.trashedTags, push, "/api/v1/trash/tags?repository=\(Cast.repository)")
    + reads(.trashWindow, account, "/api/v1/trash/windows/team") + [
      RouteRow(.trashWindow, .patch, ownership) { _ in
        Request("/api/v1/trash/windows/team", json: #"{"window":"7d"}"#)
      },
      RouteRow(.trash, .delete, delete, "/api/v1/trash?repository=\(Cast.repository)"),
      RouteRow(.rollbacks, .post, push) { cast in
        let tag = try await cast.newTag()
        _ = try await cast.server.pushNewImage(to: Cast.repository, tag: tag)
        return Request("/api/v1/rollbacks", json: #"{"repository":"\#(Cast.repository)","tag":"\#(tag)"}"#)
      },
      RouteRow(.promotions, .post, push) { _ in
        Request(
          "/api/v1/promotions",
          json:
            #"{"source":"\#(Cast.repository)","reference":"\#(Cast.tag)","tags":["\#(LiveServer.newName("promoted"))"]}"#
        )
      },
      RouteRow(.restorations, .post, push) { cast in
        Request(
          "/api/v1/restorations",
          json: #"{"repository":"\#(Cast.repository)","reference":"\#(try await cast.newDeletedTag())"}"#)
      },
    ]
}
