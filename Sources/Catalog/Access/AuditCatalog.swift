public import OCI

/// The audit trail.
public protocol AuditCatalog: Sendable {
  /// Records events that belong to no change of the catalogue, such as attempts that were denied. It need not survive
  /// power loss.
  func record(_ events: [AuditEvent]) async throws(CatalogError)

  /// Events, newest first.
  func auditEvents(_ query: AuditQuery) async throws(CatalogError) -> [AuditEvent]

  /// Events that were not yet exported, oldest first.
  func unexportedAuditEvents(limit: Int) async throws(CatalogError) -> [AuditEvent]

  /// Remembers that the events up to this one are exported.
  func auditExported(through id: Int64) async throws(CatalogError)

  /// Removes events that happened before a moment and that all readers of the feed have read, up to a number.
  ///
  /// - Returns: how many there were.
  func removeAuditEvents(before: Timestamp, limit: Int) async throws(CatalogError) -> Int
}
