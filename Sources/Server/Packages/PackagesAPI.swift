import Access
import Catalog
import HTTPTypes
import OCI
import Registry

/// The packages of GitHub's REST API, `/api/v3`: repositories are packages, manifests are versions.
///
/// Everything takes a login, as at GitHub. What somebody may not see is answered as if it did not exist.
struct PackagesAPI: Sendable {
  let registry: Registry
  let catalog: any Catalog
  let gate: AccessGate

  func answer(_ call: Call, to route: PackageRoute) async throws(RegistryError) -> Answer {
    guard let control = gate.control else {
      throw RegistryError(
        .nameUnknown,
        "Not Found: access to this registry is open, and packages belong to accounts, which are there with "
          + "`serve --access accounts`")
    }
    let request = PackageRequest(call: call, control: control, registry: registry, catalog: catalog, gate: gate)
    var answer = try await request.answer(to: route)
    answer.fields[.xOAuthScopes] = call.caller.identity.scopeList
    return answer
  }
}

extension Identity {
  /// The scopes of the token, as GitHub tells them; nil where it is none.
  var scopeList: String? {
    limits.map { $0.scopes.map(\.rawValue).sorted().joined(separator: ", ") }
  }
}

extension HTTPField.Name {
  /// The scopes of the token that was shown (GitHub REST API, "Scopes for OAuth apps").
  static let xOAuthScopes = Self("X-OAuth-Scopes")!
  /// The scopes of which the request takes one.
  static let xAcceptedOAuthScopes = Self("X-Accepted-OAuth-Scopes")!
  /// What GitHub's clients show beside an error, to find the request in the server's log.
  static let xGitHubRequestID = Self("X-GitHub-Request-Id")!
  /// The version and form of the answer, which some of GitHub's clients look for.
  static let xGitHubMediaType = Self("X-GitHub-Media-Type")!
}
