import HTTPTypes
import OCI
import TestSupport

extension RouteRow {
  //  anonymous, reader, writer, owner, administrator, robot, stray robot, expired, revoked
  private static let known = [401, 200, 200, 200, 200, 200, 200, 401, 401]
  private static let pull = [401, 200, 200, 200, 200, 200, 403, 401, 401]

  private static func push(_ success: Int) -> [Int] {
    [401, 403, success, success, success, success, 403, 401, 401]
  }

  private static func delete(_ success: Int) -> [Int] {
    [401, 403, 403, success, success, success, 403, 401, 401]
  }

  /// The rows of `/v2`.
  static let distribution: [RouteRow] =
    reads(.ping, known, "/v2/") + reads(.catalog, known, "/v2/_catalog")
    + reads(.tags, pull, "/v2/\(Cast.repository)/tags/list")
    + reads(.manifest, pull, "/v2/\(Cast.repository)/manifests/\(Cast.tag)")
    + [.get, .head].flatMap { method in
      [
        RouteRow(.blob, method, pull) { cast in Request("/v2/\(Cast.repository)/blobs/\(cast.image.layer)") },
        RouteRow(.referrers, method, pull) { cast in
          Request("/v2/\(Cast.repository)/referrers/\(cast.image.manifest)")
        },
        RouteRow(.upload, method, push(204)) { cast in Request(try await cast.newUpload()) },
      ]
    } + [
      RouteRow(.manifest, .put, push(201)) { cast in
        let layer = Array("layer of the table".utf8)
        let administrator = try cast.server.administrator
        for blob in [Array("{}".utf8), layer] {
          try await cast.server.pushBlob(blob, to: Cast.repository, as: administrator)
        }
        return Request(
          "/v2/\(Cast.repository)/manifests/\(LiveServer.newName("pushed"))",
          [("Content-Type", MediaType.ociManifest.value)], body: Sample.image(layers: [layer]))
      },
      RouteRow(.manifest, .delete, delete(202)) { cast in
        Request("/v2/\(Cast.repository)/manifests/\(try await cast.newTag())")
      },
      RouteRow(.blob, .delete, delete(202)) { cast in
        Request("/v2/\(Cast.repository)/blobs/\(try await cast.newBlob())")
      },
      RouteRow(.uploads, .post, push(202), "/v2/\(Cast.repository)/blobs/uploads/"),
      RouteRow(.upload, .patch, push(202)) { cast in Request(try await cast.newUpload(), body: [1, 2, 3]) },
      RouteRow(.upload, .put, push(201)) { cast in
        let bytes = Sample.newBytes(20)
        return Request("\(try await cast.newUpload())?digest=\(Digest.of(bytes))", body: bytes)
      },
      RouteRow(.upload, .delete, push(204)) { cast in Request(try await cast.newUpload()) },
    ]
}
