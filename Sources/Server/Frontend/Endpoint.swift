import HTTPTypes
import OCI

/// What a request's path asks for, over all of the server's APIs.
enum Endpoint: Hashable {
  case distribution(DistributionRoute)
  case collections
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
    switch path {
    case "/api/v1/collections": self = .collections
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
    case .collections: [.post]
    case .health, .readiness, .metrics: [.get, .head]
    }
  }

  /// The name that metrics and the access log use.
  var name: RouteName {
    switch self {
    case .distribution(let route): route.name
    case .collections: .management
    case .health, .readiness: .health
    case .metrics: .metrics
    }
  }
}
