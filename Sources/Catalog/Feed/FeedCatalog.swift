/// The audit trail as a feed: who acts on what was changed reads it, and goes on from where they stopped.
///
/// Events have ids in the order in which their transactions were committed, so that nothing comes to stand behind a
/// reader who has passed by.
public protocol FeedCatalog: Sendable {
  /// The last event that a reader has read; one that is new has read all there are, and reads from here on.
  func position(of reader: FeedReader) async throws(CatalogError) -> Int64

  /// The events after one, oldest first.
  func auditEvents(after id: Int64, limit: Int) async throws(CatalogError) -> [AuditEvent]

  /// Remembers how far a reader has read; it never goes back. It need not survive power loss.
  func move(_ reader: FeedReader, to id: Int64) async throws(CatalogError)

  /// Forgets a reader: no event is kept for it any more.
  func forget(_ reader: FeedReader) async throws(CatalogError)
}

/// Who reads the feed; an event that one of them has not read is not removed, however old it is.
public enum FeedReader: String, CaseIterable, Sendable {
  case replication
  /// It is there while there are webhooks.
  case webhooks
}
