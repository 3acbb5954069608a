import HTTPTypes
import OCI

/// What a request's path asks for, over all of the server's APIs.
enum Endpoint: Hashable {
  case distribution(DistributionRoute)
  case management(ManagementRoute)
  case packages(PackageRoute)
  case token
  case keys
  case health
  case readiness
  case metrics

  /// Reads a path, without its query.
  ///
  /// - Throws: 404 for a path that is no endpoint, and what `DistributionRoute` throws.
  init(path: Substring, isRead: Bool) throws(RegistryError) {
    if path.utf8.starts(with: DistributionRoute.root.utf8) {
      self = .distribution(try DistributionRoute(path: path, isRead: isRead))
      return
    }
    if path.utf8.starts(with: ManagementRoute.root.utf8) {
      self = .management(try ManagementRoute(path: path))
      return
    }
    if path.utf8.starts(with: PackageRoute.root.utf8) {
      self = .packages(try PackageRoute(path: path))
      return
    }
    switch path {
    case "/token": self = .token
    case "/.well-known/jwks.json": self = .keys
    case "/healthz": self = .health
    case "/readyz": self = .readiness
    case "/metrics": self = .metrics
    default:
      throw RegistryError(
        .unsupported, "there is nothing at this path; the registry's API is under /v2/", status: 404)
    }
  }

  /// The methods that the endpoint takes.
  var methods: [HTTPRequest.Method] {
    switch self {
    case .distribution(let route): route.methods
    case .management(let route): route.methods
    case .packages(let route): route.methods
    case .token: [.get, .head, .post]
    case .keys, .health, .readiness, .metrics: [.get, .head]
    }
  }

  /// The name that metrics and the access log use.
  var name: RouteName {
    switch self {
    case .distribution(let route): route.name
    case .management, .packages: .management
    case .token, .keys: .token
    case .health, .readiness: .health
    case .metrics: .metrics
    }
  }
}
