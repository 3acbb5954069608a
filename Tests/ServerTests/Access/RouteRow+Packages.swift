import HTTPTypes
import NIOHTTP1
import OCI
import TestSupport

extension RouteRow {
  //  anonymous, reader, writer, owner, administrator, robot, stray robot, expired, revoked
  private static let users = [401, 200, 200, 200, 200, 403, 403, 401, 401]
  /// What a credential is limited to leaves out is not there, at GitHub.
  private static let pull = [401, 200, 200, 200, 200, 200, 404, 401, 401]
  private static let push = [401, 403, 204, 204, 204, 204, 404, 401, 401]
  private static let delete = [401, 403, 403, 204, 204, 204, 404, 401, 401]
  private static let ownership = [401, 403, 403, 200, 200, 403, 404, 401, 401]

  private static let packagesPath = "/api/v3/orgs/team/packages"
  private static let packagePath = "\(packagesPath)/container/api"

  /// The rows of `/api/v3`.
  static let packages: [RouteRow] =
    reads(.githubAccount, users, "/api/v3/user")
    + reads(.packages, account, "\(packagesPath)?package_type=container")
    + reads(.packageConflicts, account, "/api/v3/orgs/team/docker/conflicts")
    + reads(.package, pull, packagePath)
    + reads(.packageVersions, pull, "\(packagePath)/versions")
    + [.get, .head].map { method in
      RouteRow(.packageVersion, method, pull) { cast in Request(try await cast.newVersion()) }
    } + [
      RouteRow(.package, .patch, ownership) { cast in
        Request(try await cast.newPackage(), json: #"{"visibility":"internal"}"#)
      },
      RouteRow(.package, .delete, delete) { cast in Request(try await cast.newPackage()) },
      RouteRow(.packageRestoration, .post, push) { cast in
        let package = try await cast.newPackage()
        try await cast.server.send(.DELETE, package, as: try cast.server.administrator)
        return Request("\(package)/restore")
      },
      RouteRow(.packageVersion, .delete, delete) { cast in Request(try await cast.newVersion()) },
      RouteRow(.packageVersionRestoration, .post, push) { cast in
        let version = try await cast.newVersion()
        try await cast.server.send(.DELETE, version, as: try cast.server.administrator)
        return Request("\(version)/restore")
      },
      RouteRow(.packageVersionTag, .delete, delete) { cast in
        let tag = try await cast.newTag()
        let version = try await cast.server.version(tagged: tag, of: "api", in: "team")
        return Request("\(packagePath)/versions/\(version.id)/tags/\(tag)")
      },
    ]
}

extension Cast {
  /// The path of a package with one version.
  fileprivate func newPackage() async throws -> String {
    let name = LiveServer.newName("package")
    try await server.pushNewImage(to: "team/\(name)", tag: "v1")
    return "/api/v3/orgs/team/packages/container/\(name)"
  }

  /// The path of a version of `team/api`.
  fileprivate func newVersion() async throws -> String {
    let version = try await server.version(tagged: try await newTag(), of: "api", in: "team")
    return "/api/v3/orgs/team/packages/container/api/versions/\(version.id)"
  }
}
