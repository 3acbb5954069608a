internal import Locks
internal import OCI

/// The keys of every issuer that was asked for, fetched once for all who wait for them.
struct IssuerDirectory: Sendable {
  private struct Entry: Sendable {
    var keys: IssuerKeys
    /// The fetch that is under way, or the last one.
    var fetch: Task<Void, Never>?
  }

  private let client = IssuerClient()
  private let entries = Locked<[KeySource: Entry]>([:])
  private let now: @Sendable () -> Timestamp
  private let report: @Sendable (OIDCNotice) -> Void

  init(now: @escaping @Sendable () -> Timestamp, report: @escaping @Sendable (OIDCNotice) -> Void) {
    self.now = now
    self.report = report
  }

  /// Ends its connections; no keys can be fetched any more.
  func shutdown() async throws {
    try await client.shutdown()
  }

  /// The keys of an issuer, which hold the one that a token names.
  func keys(of source: KeySource, naming identifier: String?) async throws(OIDCError) -> KeySet {
    let (step, fetch) = firstStep(source, identifier)
    switch step {
    case .use(let keys): return keys
    case .refuse(let error): throw error
    case .fetch, .wait: await fetch?.value
    }
    switch outcome(source, identifier) {
    case .use(let keys): return keys
    case .refuse(let error): throw error
    case .fetch, .wait: preconditionFailure("an outcome asks for no fetch")
    }
  }

  private func firstStep(_ source: KeySource, _ identifier: String?) -> (IssuerKeys.Step, Task<Void, Never>?) {
    entries.withLock { entries in
      var entry = entries[source] ?? Entry(keys: IssuerKeys(of: source.issuer), fetch: nil)
      let step = entry.keys.step(toward: identifier, at: now())
      // A task of its own: those who wait for it must not lose it because the first of them went away.
      if case .fetch = step { entry.fetch = Task { await fetch(source) } }
      entries[source] = entry
      return (step, entry.fetch)
    }
  }

  private func outcome(_ source: KeySource, _ identifier: String?) -> IssuerKeys.Step {
    entries.withLock { entries in
      (entries[source]?.keys ?? IssuerKeys(of: source.issuer)).outcome(for: identifier, at: now())
    }
  }

  private func fetch(_ source: KeySource) async {
    do {
      let keys = try await client.keys(of: source)
      entries.withLock { $0[source]?.keys.didFetch(keys, at: now()) }
    } catch {
      let notice = entries.withLock { $0[source]?.keys.didFail(error.description, at: now()) }
      if let notice { report(notice) }
    }
  }
}
