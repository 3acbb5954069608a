import Catalog
import OCI

/// The addresses that stand in answers of the packages API, in the places where GitHub Enterprise has them.
///
/// Only those of packages, versions and accounts under `/api/v3` lead anywhere; clients count on the others being there.
struct PackageAddresses {
  /// Where the client reaches this server, without a slash behind it.
  let web: String

  private var api: String { web + PackageRoute.root }

  /// A user or an organisation.
  func account(_ account: Account) -> String { "\(api)users/\(account.name)" }

  /// What GitHub has below an account, such as `followers`.
  func account(_ account: Account, _ part: String) -> String { "\(self.account(account))/\(part)" }

  /// The page of an account.
  func page(of account: Account) -> String { "\(web)/\(account.name)" }

  /// The picture of an account.
  func avatar(of account: Account) -> String { "\(web)/avatars/u/\(account.id)" }

  /// A package.
  func package(_ name: RepositoryName, of owner: Account) -> String {
    "\(api)\(Self.path(of: owner))/packages/\(PackageRoute.packageType)/\(PercentEncoding.encode(name.value))"
  }

  /// The page of a package.
  func page(of name: RepositoryName, of owner: Account) -> String {
    "\(web)/\(Self.path(of: owner))/packages/\(PackageRoute.packageType)/package/\(PercentEncoding.encode(name.value))"
  }

  /// A version of a package.
  func version(_ id: Int64, of name: RepositoryName, of owner: Account) -> String {
    "\(package(name, of: owner))/versions/\(id)"
  }

  /// The page of a version.
  func page(of version: Int64, of name: RepositoryName, of owner: Account) -> String {
    "\(page(of: name, of: owner))/\(version)"
  }

  private static func path(of owner: Account) -> String {
    switch owner.kind {
    case .user: "users/\(owner.name)"
    case .organization: "orgs/\(owner.name)"
    }
  }
}
