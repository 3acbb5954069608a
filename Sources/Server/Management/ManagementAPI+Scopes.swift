import Access
import Catalog
import OCI

extension ManagementAPI {
  /// Which repositories a request is about.
  func scope(_ text: String?) throws(RegistryError) -> RepositoryScope {
    do {
      return try RepositoryScope(parsing: text ?? "")
    } catch {
      throw RegistryError(.nameInvalid, "scope: \(error)")
    }
  }

  /// Lets nobody by but who may say what happens to what is in a scope, and who is told of it.
  func requireAdministration(of scope: RepositoryScope, _ call: Call, to doing: String) throws(RegistryError) {
    guard let control = gate.control else { return }
    do {
      try control.requireAdministration(of: scope, call.caller, to: doing)
    } catch {
      throw RegistryError(error)
    }
  }
}
