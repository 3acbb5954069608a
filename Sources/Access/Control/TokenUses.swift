internal import Catalog
internal import Locks
internal import OCI

/// When and from where tokens were last used, gathered in memory and written down now and then.
final class TokenUses: Sendable {
  /// A token that is in use all the time is written down once in this time.
  private static let precision = Duration.seconds(60)

  private struct State {
    var waiting: [Int64: TokenUse] = [:]
    var written: [Int64: Timestamp] = [:]
  }

  private let state = Locked(State())
  private let catalog: any AccessCatalog

  init(catalog: any AccessCatalog) {
    self.catalog = catalog
  }

  func note(_ token: Int64, from address: ClientAddress, at now: Timestamp) {
    state.withLock { state in
      if let last = state.written[token], now - Self.precision < last { return }
      state.waiting[token] = TokenUse(id: token, at: now, address: address.description)
    }
  }

  func flush() async throws(CatalogError) {
    let uses = state.withLock { state in
      let uses = Array(state.waiting.values)
      state.waiting = [:]
      state.written = state.written.filter { _, at in .now - Self.precision < at }
      for use in uses { state.written[use.id] = use.at }
      return uses
    }
    guard !uses.isEmpty else { return }
    do {
      try await catalog.recordTokenUses(uses)
    } catch {
      // They are noted again when the token is next used, or written down the next time.
      state.withLock { state in
        for use in uses where state.waiting[use.id] == nil {
          state.waiting[use.id] = use
          state.written[use.id] = nil
        }
      }
      throw error
    }
  }
}
