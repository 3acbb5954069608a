import Foundation
import NIOHTTP1
import OCI
import Testing
import TestSupport

/// A package, with the fields that GitHub documents.
struct PackageReply: Decodable, Hashable {
  struct Owner: Decodable, Hashable {
    let login: String
    let id: Int64
    let node_id: String
    let avatar_url: String
    let gravatar_id: String
    let url: String
    let html_url: String
    let followers_url: String
    let following_url: String
    let gists_url: String
    let starred_url: String
    let subscriptions_url: String
    let organizations_url: String
    let repos_url: String
    let events_url: String
    let received_events_url: String
    let type: String
    let site_admin: Bool
  }

  let id: Int64
  let name: String
  let package_type: String
  let owner: Owner
  let version_count: Int
  let visibility: String
  let url: String
  let created_at: String
  let updated_at: String
  let html_url: String
}

/// A version, with the fields that GitHub documents, and the registry's own.
struct VersionReply: Decodable, Hashable {
  struct Metadata: Decodable, Hashable {
    struct Container: Decodable, Hashable {
      let tags: [String]
    }

    let package_type: String
    let container: Container
  }

  let id: Int64
  let name: String
  let url: String
  let package_html_url: String
  let html_url: String
  let created_at: String
  let updated_at: String
  let deleted_at: String?
  let metadata: Metadata
  let download_count: Int64

  var tags: [String] { metadata.container.tags }
}

/// An error in GitHub's form.
struct GitHubErrorReply: Decodable {
  let message: String
  let documentation_url: String
  let status: String
}

extension Reply {
  /// The message of an error in GitHub's form, whose members all fit the answer.
  func githubError(_ status: Int) throws -> String {
    let error = try decoded(GitHubErrorReply.self)
    #expect(self.status == status && error.status == String(status), "\(text)")
    #expect(self["Content-Type"] == "application/json; charset=utf-8")
    #expect(error.documentation_url.hasPrefix("https://docs.github.com/"))
    #expect(self["X-GitHub-Request-Id"]?.isEmpty == false)
    return error.message
  }

  /// The targets that `Link` names, by their relations.
  var links: [String: String] {
    var links: [String: String] = [:]
    for link in (self["Link"] ?? "").split(separator: ", ") {
      let parts = link.split(separator: ">; rel=")
      links[parts[1].trimmingCharacters(in: ["\""])] = String(parts[0].dropFirst())
    }
    return links
  }
}

extension LiveServer {
  /// Sends a request to the packages API, as the first administrator where nobody else is named.
  ///
  /// - Parameter path: what stands behind `/api/v3/`.
  @discardableResult
  func github(
    _ method: HTTPMethod, _ path: String, as login: Login? = nil, _ json: String? = nil
  ) async throws -> Reply {
    let login = try login ?? administrator
    return try await send(method, "/api/v3/\(path)", as: login, body: json.map { Array($0.utf8) })
  }

  /// The first hundred versions of an organisation's package.
  func versions(
    of package: String, in organization: String, state: String = "active", as login: Login? = nil
  ) async throws -> [VersionReply] {
    let path = "orgs/\(organization)/packages/container/\(PercentEncoding.encode(package))/versions"
    return try await github(.GET, "\(path)?per_page=100&state=\(state)", as: login).decoded()
  }

  /// The version that has a tag.
  func version(tagged tag: String, of package: String, in organization: String) async throws -> VersionReply {
    try #require(try await versions(of: package, in: organization).first { $0.tags.contains(tag) })
  }

  /// Pushes a manifest as the first administrator.
  @discardableResult
  func push(_ manifest: [UInt8], to repository: String, as reference: String, type: MediaType) async throws -> Digest {
    let reply = try await send(
      .PUT, "/v2/\(repository)/manifests/\(reference)", as: try administrator, [("Content-Type", type.value)],
      body: manifest)
    try #require(reply.status == 201, "\(reply.text)")
    return Digest.of(manifest)
  }

  /// Pushes an index that lists an image, under a tag.
  func pushIndex(of image: Digest, to repository: String, tag: String) async throws -> Digest {
    let manifest = try await send(.GET, "/v2/\(repository)/manifests/\(image)", as: try administrator).body
    let entry = Sample.descriptor(MediaType.ociManifest.value, manifest)
    return try await push(Sample.index([entry]), to: repository, as: tag, type: .ociIndex)
  }
}
