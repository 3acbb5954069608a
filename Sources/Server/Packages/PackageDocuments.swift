import Catalog
import Foundation
import OCI

/// Writes accounts, packages and versions as GitHub's REST API documents them, field by field.
struct PackageDocuments {
  let addresses: PackageAddresses
  /// Whether those who ask may know who is an administrator of the registry.
  let tellsAdministrators: Bool

  /// GitHub's "Simple User", which stands in a package as its owner.
  func owner(_ account: Account) -> String { JSONText.object(simple(account)) }

  /// GitHub's "Public User". What the registry does not know of people is `null`, or nothing.
  func account(_ account: Account) -> String {
    let unknown = ["name", "company", "location", "email", "hireable", "bio", "twitter_username"]
    let none = ["public_repos", "public_gists", "followers", "following"]
    let createdAt = JSONText.string(account.createdAt.rfc3339)
    return JSONText.object(
      simple(account) + unknown.map { ($0, "null") } + [("blog", JSONText.string(""))] + none.map { ($0, "0") }
        + [("created_at", createdAt), ("updated_at", createdAt)])
  }

  func package(_ package: Package, named name: RepositoryName, of owner: Account) -> String {
    JSONText.object([
      ("id", String(package.id)), ("name", JSONText.string(name.value)),
      ("package_type", JSONText.string(PackageRoute.packageType)), ("owner", self.owner(owner)),
      ("version_count", String(package.versionCount)),
      ("visibility", JSONText.string(package.visibility.rawValue)),
      ("url", JSONText.string(addresses.package(name, of: owner))),
      ("created_at", JSONText.string(package.createdAt.rfc3339)),
      ("updated_at", JSONText.string(package.updatedAt.rfc3339)),
      ("html_url", JSONText.string(addresses.page(of: name, of: owner))),
    ])
  }

  /// `download_count` is the registry's own.
  func version(_ version: PackageVersion, of name: RepositoryName, of owner: Account) -> String {
    var members = [
      ("id", String(version.id)), ("name", JSONText.string(version.digest.description)),
      ("url", JSONText.string(addresses.version(version.id, of: name, of: owner))),
      ("package_html_url", JSONText.string(addresses.page(of: name, of: owner))),
      ("created_at", JSONText.string(version.createdAt.rfc3339)),
      ("updated_at", JSONText.string(version.updatedAt.rfc3339)),
      ("html_url", JSONText.string(addresses.page(of: version.id, of: name, of: owner))),
    ]
    if let deletedAt = version.deletedAt { members.append(("deleted_at", JSONText.string(deletedAt.rfc3339))) }
    let tags = JSONText.array(version.tags.map { JSONText.string($0.value) })
    members += [
      (
        "metadata",
        JSONText.object([
          ("package_type", JSONText.string(PackageRoute.packageType)),
          (PackageRoute.packageType, JSONText.object([("tags", tags)])),
        ])
      ),
      ("download_count", String(version.downloads)),
    ]
    return JSONText.object(members)
  }

  private func simple(_ account: Account) -> [(String, String)] {
    let addresses = addresses
    func part(_ name: String, _ path: String) -> (String, String) {
      (name, JSONText.string(addresses.account(account, path)))
    }
    return [
      ("login", JSONText.string(account.name.value)), ("id", String(account.id)),
      ("node_id", JSONText.string(account.nodeID)),
      ("avatar_url", JSONText.string(addresses.avatar(of: account))), ("gravatar_id", JSONText.string("")),
      ("url", JSONText.string(addresses.account(account))),
      ("html_url", JSONText.string(addresses.page(of: account))),
      part("followers_url", "followers"), part("following_url", "following{/other_user}"),
      part("gists_url", "gists{/gist_id}"), part("starred_url", "starred{/owner}{/repo}"),
      part("subscriptions_url", "subscriptions"), part("organizations_url", "orgs"), part("repos_url", "repos"),
      part("events_url", "events{/privacy}"), part("received_events_url", "received_events"),
      ("type", JSONText.string(account.kind == .user ? "User" : "Organization")),
      ("site_admin", String(tellsAdministrators && account.isAdministrator)),
    ]
  }
}

extension Account {
  /// The id that GitHub's other API uses: the kind's name with its length, and the number, in base64.
  fileprivate var nodeID: String {
    let text =
      switch kind {
      case .user: "04:User\(id)"
      case .organization: "012:Organization\(id)"
      }
    return Data(text.utf8).base64EncodedString()
  }
}
