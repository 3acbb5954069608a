public import Catalog
internal import OCI

extension AccessControl {
  /// Lets by whoever may read the part of the audit trail that is asked for: all of it administrators of the registry,
  /// that of a repository whoever has the role `admin` in its owner.
  public func requireAudit(_ query: AuditQuery, _ caller: Caller) throws(AccessError) {
    if let name = query.repository.flatMap({ try? RepositoryName(parsing: $0) }) {
      try requireAdministration(of: AccountName(ownerOf: name), caller, to: "read the audit trail of \(name)")
    } else {
      try requireAdministrator(caller, to: "read the audit trail")
    }
  }
}
