import Catalog
import HTTPTypes
import OCI

/// What a path under `/api/v3` asks for: the part of GitHub's REST API that is about packages, as a GitHub Enterprise
/// host has it.
enum PackageRoute: Hashable {
  /// Whose packages are meant.
  enum Owner: Hashable {
    /// `/user`.
    case caller
    /// `/users/{login}`, an organisation as well: actions/delete-package-versions asks for any owner like that.
    case account(AccountName)
    /// `/orgs/{org}`.
    case organization(AccountName)
  }

  /// A package as a path names it.
  struct Name: Hashable {
    let owner: Owner
    /// What stands in the repository's name behind the owner's.
    let name: RepositoryName
  }

  case account(Owner)
  case packages(Owner)
  case conflicts(Owner)
  case package(Name)
  case packageRestoration(Name)
  case versions(Name)
  case version(Name, Int64)
  case versionRestoration(Name, Int64)
  case versionTag(Name, Int64, Tag)

  /// The path of the API's root, with the slash behind it.
  static let root = "/api/v3/"

  /// Reads a path, without its query, that begins with `root`.
  ///
  /// A package's name is one segment, in which slashes are encoded. Names of accounts do not depend on case, as at GitHub.
  ///
  /// - Throws: 404 for a path that is no endpoint, and for what cannot be the name or the number of anything.
  init(path: Substring) throws(RegistryError) {
    var segments: [String] = []
    for segment in path.dropFirst(Self.root.utf8.count).split(separator: "/", omittingEmptySubsequences: false) {
      guard let text = PercentEncoding.decode(segment) else { throw Self.notFound }
      segments.append(text)
    }
    let (owner, rest) = try Self.owner(segments[...])
    switch (rest.first, rest.count) {
    case (nil, _):
      if case .organization = owner { throw Self.notFound }
      self = .account(owner)
    case ("packages", 1): self = .packages(owner)
    case ("packages", 3...) where rest[rest.startIndex + 1] == Self.packageType:
      self = try Self.package(of: owner, rest.dropFirst(2))
    case ("docker", 2) where rest.last == "conflicts": self = .conflicts(owner)
    default: throw Self.notFound
    }
  }

  /// The type of all packages here, as paths and queries name it.
  static let packageType = "container"

  static let notFound = RegistryError(.nameUnknown, "Not Found")

  private static func owner(
    _ segments: ArraySlice<String>
  ) throws(RegistryError) -> (Owner, rest: ArraySlice<String>) {
    if segments.first == "user" { return (.caller, segments.dropFirst()) }
    guard segments.count >= 2, let name = try? AccountName(parsing: segments[segments.startIndex + 1].lowercased())
    else { throw notFound }
    switch segments.first {
    case "users": return (.account(name), segments.dropFirst(2))
    case "orgs": return (.organization(name), segments.dropFirst(2))
    default: throw notFound
    }
  }

  /// - Parameter segments: the package's name and what stands behind it.
  private static func package(
    of owner: Owner, _ segments: ArraySlice<String>
  ) throws(RegistryError) -> PackageRoute {
    let parts = Array(segments.dropFirst())
    guard let first = segments.first, let name = try? RepositoryName(parsing: first) else { throw notFound }
    let package = Name(owner: owner, name: name)
    switch (parts.first, parts.count) {
    case (nil, _): return .package(package)
    case ("restore", 1): return .packageRestoration(package)
    case ("versions", 1): return .versions(package)
    case ("versions", 2): return .version(package, try id(parts[1]))
    case ("versions", 3) where parts[2] == "restore": return .versionRestoration(package, try id(parts[1]))
    case ("versions", 4) where parts[2] == "tags":
      guard let tag = try? Tag(parsing: parts[3]) else { throw notFound }
      return .versionTag(package, try id(parts[1]), tag)
    default: throw notFound
    }
  }

  private static func id(_ text: String) throws(RegistryError) -> Int64 {
    guard text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }), let id = Int64(text) else {
      throw notFound
    }
    return id
  }

  /// The methods that the endpoint takes.
  var methods: [HTTPRequest.Method] {
    switch self {
    case .account, .packages, .conflicts, .versions: [.get, .head]
    case .package: [.get, .head, .patch, .delete]
    case .version: [.get, .head, .delete]
    case .packageRestoration, .versionRestoration: [.post]
    case .versionTag: [.delete]
    }
  }
}
