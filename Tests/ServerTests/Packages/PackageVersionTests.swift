import Foundation
import NIOHTTP1
import OCI
import Testing
import TestSupport

@Suite("Versions of packages as GitHub has them", .liveServerWithAccounts)
struct PackageVersionTests {
  private let server = LiveServer.current

  @Test("a version has all fields that GitHub documents, and counts its downloads")
  func fields() async throws {
    let team = try await server.makeOrganization()
    let image = try await server.pushNewImage(to: "\(team)/api/web", tag: "v1")
    let path = "/orgs/\(team)/packages/container"
    let listed = try await server.versions(of: "api/web", in: team)
    let version = try #require(listed.first)
    #expect(listed.count == 1 && version.id > 0 && version.name == image.manifest.description)
    #expect(version.url == "\(server.url)/api/v3\(path)/api%2Fweb/versions/\(version.id)")
    #expect(version.package_html_url == "\(server.url)\(path)/package/api%2Fweb")
    #expect(version.html_url == "\(version.package_html_url)/\(version.id)")
    #expect(Timestamp(rfc3339: version.created_at) != nil && version.updated_at >= version.created_at)
    #expect(version.deleted_at == nil && version.metadata.package_type == "container" && version.tags == ["v1"])
    let one = try await server.github(.GET, String(version.url.dropFirst("\(server.url)/api/v3/".count)))
    #expect(try one.decoded(VersionReply.self) == version)
    #expect(one["Content-Type"] == "application/json; charset=utf-8" && one["X-GitHub-Media-Type"] != nil)
  }

  @Test("children and referrers are versions, with an empty list of tags")
  func untagged() async throws {
    let team = try await server.makeOrganization()
    let image = try await server.pushNewImage(to: "\(team)/api", tag: "v1")
    let index = try await server.pushIndex(of: image.manifest, to: "\(team)/api", tag: "v1")
    let manifest = try await server.send(
      .GET, "/v2/\(team)/api/manifests/\(image.manifest)", as: try server.administrator
    ).body
    let subject = Sample.descriptor(MediaType.ociManifest.value, manifest)
    let referrer = Sample.image(layers: [], extra: #","subject":\#(subject)"#)
    let signature = try await server.push(
      referrer, to: "\(team)/api", as: Digest.of(referrer).description, type: .ociManifest)
    let versions = try await server.versions(of: "api", in: team)
    #expect(versions.map(\.name) == [signature, index, image.manifest].map(\.description))
    #expect(versions.map(\.tags) == [[], ["v1"], []], "the moved tag has left the old version")
    let package = try await server.github(.GET, "orgs/\(team)/packages/container/api").decoded(PackageReply.self)
    #expect(package.version_count == 3)
  }

  @Test("Link leads through all versions, forth and back, by absolute addresses")
  func pages() async throws {
    let team = try await server.makeOrganization()
    for number in 1...5 { try await server.pushNewImage(to: "\(team)/api", tag: "v\(number)") }
    let path = "/api/v3/orgs/\(team)/packages/container/api/versions"
    var (listed, seen): ([String], [[String: String]]) = ([], [])
    var next: String? = "\(path)?per_page=2&state=active"
    while let target = next {
      let reply = try await server.send(.GET, target, as: try server.administrator)
      listed += try reply.decoded([VersionReply].self).flatMap(\.tags)
      seen.append(reply.links)
      next = reply.links["next"]
    }
    #expect(listed == ["v5", "v4", "v3", "v2", "v1"])
    let page = (1...3).map { "\(server.url)\(path)?state=active&per_page=2&page=\($0)" }
    #expect(
      seen == [
        ["next": page[1], "last": page[2]],
        ["prev": page[0], "next": page[2], "last": page[2], "first": page[0]],
        ["prev": page[1], "first": page[0]],
      ])
  }

  @Test("the last version with a tag is not deleted, in GitHub's words; another one is")
  func lastTagged() async throws {
    let team = try await server.makeOrganization()
    try await server.pushNewImage(to: "\(team)/api", tag: "v1")
    let version = try await server.version(tagged: "v1", of: "api", in: team)
    let path = "orgs/\(team)/packages/container/api/versions/\(version.id)"
    #expect(
      try await server.github(.DELETE, path).githubError(400)
        == "You cannot delete the last tagged version of a package. You must delete the package instead.")
    try await server.pushNewImage(to: "\(team)/api", tag: "v2")
    #expect(try await server.github(.DELETE, path).status == 204)
    #expect(try await server.github(.GET, path).githubError(404) == "Package version not found.")
    #expect(try await server.github(.DELETE, path).githubError(404) == "Package version not found.")
  }

  @Test("what an index lists is not deleted")
  func children() async throws {
    let team = try await server.makeOrganization()
    let image = try await server.pushNewImage(to: "\(team)/api", tag: "v1")
    let index = try await server.pushIndex(of: image.manifest, to: "\(team)/api", tag: "v1")
    let child = try #require(try await server.versions(of: "api", in: team).first { $0.tags.isEmpty })
    #expect(child.name == image.manifest.description)
    let refused = try await server.github(.DELETE, "orgs/\(team)/packages/container/api/versions/\(child.id)")
    #expect(try refused.githubError(409).contains(index.description))
    #expect(try await server.versions(of: "api", in: team).count == 2)
  }

  @Test("a deleted version is listed as such, and restored with its tags, until the trash is emptied")
  func restoration() async throws {
    let team = try await server.makeOrganization()
    try await server.pushNewImage(to: "\(team)/api", tag: "v1")
    try await server.pushNewImage(to: "\(team)/api", tag: "v2")
    let version = try await server.version(tagged: "v1", of: "api", in: team)
    let path = "orgs/\(team)/packages/container/api/versions/\(version.id)"
    #expect(try await server.github(.POST, "\(path)/restore").githubError(404) == "Package version not found.")
    #expect(try await server.github(.DELETE, path).status == 204)
    let deleted = try await server.versions(of: "api", in: team, state: "deleted")
    #expect(deleted.map(\.id) == [version.id] && deleted[0].tags == ["v1"])
    #expect(deleted[0].deleted_at.flatMap { Timestamp(rfc3339: $0) } != nil)
    let restored = try await server.github(.POST, "\(path)/restore")
    #expect(restored.status == 204 && restored.body.isEmpty)
    #expect(try await server.version(tagged: "v1", of: "api", in: team).id == version.id)
    #expect(try await server.versions(of: "api", in: team, state: "deleted").isEmpty)
    #expect(try await server.github(.DELETE, path).status == 204)
    try await server.mustManage(.DELETE, "trash?repository=\(team)/api")
    #expect(try await server.github(.POST, "\(path)/restore").githubError(404) == "Package version not found.")
  }

  @Test("one tag of a version is deleted, and the version stays")
  func tags() async throws {
    let team = try await server.makeOrganization()
    let image = try await server.pushNewImage(to: "\(team)/api", tag: "v1")
    let manifest = "/v2/\(team)/api/manifests"
    let bytes = try await server.send(.GET, "\(manifest)/v1", as: try server.administrator).body
    try await server.push(bytes, to: "\(team)/api", as: "v2", type: .ociManifest)
    let version = try await server.version(tagged: "v2", of: "api", in: team)
    #expect(version.tags == ["v1", "v2"])
    let path = "orgs/\(team)/packages/container/api/versions/\(version.id)/tags"
    #expect(try await server.github(.DELETE, "\(path)/v1").status == 204)
    #expect(try await server.github(.DELETE, "\(path)/v1").githubError(404).hasPrefix("Not Found"))
    #expect(try await server.version(tagged: "v2", of: "api", in: team).tags == ["v2"])
    #expect(try await server.send(.GET, "\(manifest)/v1", as: try server.administrator).status == 404)
    let pulled = try await server.send(.GET, "\(manifest)/v2", as: try server.administrator)
    #expect(pulled["Docker-Content-Digest"] == image.manifest.description)
  }
}
