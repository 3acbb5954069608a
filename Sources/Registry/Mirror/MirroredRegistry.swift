internal import AgingMaps
public import Catalog
internal import Locks
public import OCI

/// A registry with the registries that it mirrors: what is pulled of them is fetched when it is first asked for, stored,
/// and served from here from then on (pull-through mirror).
///
/// Repositories that mirror nothing are pulled from as if it were not there.
public final class MirroredRegistry: Sendable {
  /// What it mirrors, and how.
  struct Table: Sendable {
    let upstreams: [RegistryHost: MirrorUpstream]
    let names: MirrorNames
    /// How long it is remembered that an upstream does not have something.
    let absentFor: Duration
  }

  /// What is asked for.
  enum Asked: Hashable, Sendable {
    case manifest(Reference)
    case blob(Digest)
  }

  /// What is asked for, in a repository.
  struct Key: Hashable, Sendable {
    let repository: RepositoryName
    let asked: Asked
  }

  struct State: Sendable {
    var table = Table(upstreams: [:], names: MirrorNames([]), absentFor: .zero)
    var health: [RegistryHost: UpstreamHealth] = [:]
    var totals: [RegistryHost: MirrorTotals] = [:]
    /// Local repositories that were seen to be there, where names may lead elsewhere.
    var locals: Set<RepositoryName> = []
    /// When a tag was last known to be what the upstream says.
    var confirmed = AgingMap<Key, Timestamp>(capacity: 100_000)
    /// When the upstream last said that it does not have something.
    var absent = AgingMap<Key, Timestamp>(capacity: State.rememberedAbsences)

    static let rememberedAbsences = 20_000
  }

  /// The registry that keeps what is fetched.
  let registry: Registry
  /// What time it is.
  let now: @Sendable () -> Timestamp
  /// Returns when a client that can be served from here has waited for the upstream for long enough.
  let patience: @Sendable () async -> Void
  /// Is told of tags that the upstream moved or deleted, and that a rule keeps here.
  let report: @Sendable (ProtectionRefusal) -> Void
  let state = Locked(State())
  let manifests = SharedWork<Key, ManifestAnswer>()
  let fetches = BlobFetches()

  /// Mirrors nothing until it is told what.
  ///
  /// - Parameters:
  ///   - registry: keeps what is fetched.
  ///   - now: what time it is.
  ///   - patience: returns when a client that can be served from here has waited for the upstream for long enough; at
  ///     once where its task is cancelled.
  ///   - report: is told of tags that the upstream moved or deleted, and that a rule keeps here; once each time that the
  ///     upstream was asked.
  public init(
    registry: Registry, now: @escaping @Sendable () -> Timestamp = { .now },
    patience: @escaping @Sendable () async -> Void = MirroredRegistry.someSeconds,
    report: @escaping @Sendable (ProtectionRefusal) -> Void = { _ in }
  ) {
    self.registry = registry
    self.now = now
    self.patience = patience
    self.report = report
  }

  /// The patience that a client has who does not know what it waits for.
  public static let someSeconds: @Sendable () async -> Void = { _ = try? await Task.sleep(for: .seconds(3)) }

  /// Mirrors these upstreams from now on, and gives what is mirrored of them already the visibility that each has.
  ///
  /// - Parameter absentFor: how long it is remembered that an upstream does not have something.
  public func mirror(_ upstreams: [MirrorUpstream], absentFor: Duration) async throws(RegistryError) {
    let table = Table(
      upstreams: Dictionary(upstreams.map { ($0.host, $0) }, uniquingKeysWith: { first, _ in first }),
      names: MirrorNames(upstreams), absentFor: absentFor)
    state.withLock { state in
      state.table = table
      // An upstream may have got another address, other credentials, or more that may be mirrored.
      state.health = [:]
      state.absent = AgingMap(capacity: State.rememberedAbsences)
      for host in table.upstreams.keys where state.totals[host] == nil { state.totals[host] = MirrorTotals() }
    }
    try await reporting {
      for upstream in upstreams {
        try await registry.catalog.setVisibility(upstream.visibility, ofMirrorsOf: upstream.host)
      }
    }
  }

  /// Which repository a name in a request means.
  ///
  /// - Parameters:
  ///   - namespace: the registry that containerd says the name belongs to (`?ns=`).
  ///   - isRead: whether the request only asks for what is there; a name that is written to means what it says, but for
  ///     the short names of an upstream's repositories.
  public func repository(
    named name: RepositoryName, namespace: String?, isRead: Bool
  ) async throws(RegistryError) -> RepositoryName {
    let names = state.withLock { $0.table.upstreams.isEmpty ? nil : $0.table.names }
    guard let names else { return name }
    let host = isRead ? namespace.flatMap { try? RegistryHost(parsing: $0) } : nil
    switch names.meaning(of: name, namespace: host) {
    case .repository(let repository): return repository
    case .named(_, let mirrored):
      guard isRead else { return name }
      return try await hasRepository(name) ? name : mirrored
    }
  }

  /// Who may see what is mirrored in a repository, whether it is there already or not; nil where it mirrors nothing.
  public func visibility(of repository: RepositoryName) -> Visibility? {
    source(of: repository)?.upstream.visibility
  }

  /// Refuses a push to what mirrors another registry.
  ///
  /// - Throws: `DENIED`.
  public func requireLocal(_ repository: RepositoryName) throws(RegistryError) {
    guard let source = source(of: repository) else { return }
    throw RegistryError(
      .denied,
      "\(repository) is a mirror of \(source.upstream.host)/\(source.remote); push to a repository outside of "
        + "\(source.upstream.prefix)/",
      detail: ["name": repository.value])
  }

  /// What has been done for each upstream since the process began.
  public var totals: [RegistryHost: MirrorTotals] { state.withLock { $0.totals } }

  /// How many blobs are being fetched.
  public var fetchCount: Int { fetches.count }

  /// Ends what is being fetched. No other call may follow.
  public func close() async {
    await fetches.cancelAll()
    await manifests.cancelAll()
  }

  /// Repositories do not go away, so one that was seen is not looked for again.
  private func hasRepository(_ name: RepositoryName) async throws(RegistryError) -> Bool {
    if state.withLock({ $0.locals.contains(name) }) { return true }
    let isThere = try await reporting { try await registry.catalog.repositoryAccess(name).exists }
    guard isThere else { return false }
    state.withLock { state in
      if state.locals.count >= Self.rememberedLocals { state.locals = [] }
      state.locals.insert(name)
    }
    return true
  }

  private static let rememberedLocals = 20_000
}

extension MirroredRegistry {
  /// What a repository mirrors; nil where it mirrors nothing.
  func source(of repository: RepositoryName) -> MirroredRepository? {
    // Nothing is taken out of the lock where nothing is mirrored: every pull comes by here.
    let table = state.withLock { $0.table.upstreams.isEmpty ? nil : $0.table }
    guard let table, let (host, remote) = table.names.origin(of: repository),
      let upstream = table.upstreams[host]
    else { return nil }
    return MirroredRepository(upstream: upstream, local: repository, remote: remote)
  }

  /// Asks an upstream, unless it is left alone for a while.
  func ask<Answer: Sendable>(
    _ source: MirroredRepository, isolation: isolated (any Actor)? = #isolation,
    _ question: (any Upstream, RepositoryName) async throws(UpstreamFailure) -> Answer
  ) async throws(UpstreamFailure) -> Answer {
    let host = source.upstream.host
    guard source.upstream.mirrors(source.remote) else {
      throw UpstreamFailure(.refused, "\(source.remote) is not among what is mirrored of \(host) here")
    }
    let moment = now()
    try state.withLock { state throws(UpstreamFailure) in
      try state.health[host]?.requireAwake(at: moment)
      state.totals[host, default: MirrorTotals()].requests += 1
    }
    do throws(UpstreamFailure) {
      let answer = try await question(source.upstream.upstream, source.remote)
      state.withLock { $0.health[host, default: UpstreamHealth()].answered() }
      return answer
    } catch {
      throw note(error, of: host)
    }
  }

  /// Counts a failure of an upstream, and leaves it alone for a while where that may help.
  ///
  /// - Returns: the failure, with how long the upstream is left alone.
  @discardableResult
  func note(_ failure: UpstreamFailure, of host: RegistryHost) -> UpstreamFailure {
    let moment = now()
    let rest = state.withLock { state in
      state.totals[host, default: MirrorTotals()].failures += 1
      state.health[host, default: UpstreamHealth()].failed(failure, at: moment)
      return state.health[host]?.rest(at: moment)
    }
    return UpstreamFailure(failure.kind, failure.description, retryAfter: rest)
  }

  func count(_ source: MirroredRepository, _ change: (inout MirrorTotals) -> Void) {
    state.withLock { change(&$0.totals[source.upstream.host, default: MirrorTotals()]) }
  }

  /// Whether the upstream said lately that it does not have something.
  func isAbsent(_ key: Key) -> Bool {
    let moment = now()
    return state.withLock { state in
      guard let at = state.absent[key] else { return false }
      return moment < at + state.table.absentFor
    }
  }

  /// Takes what the upstream refuses for absent; what is not mirrored it was never asked for.
  func note(_ failure: UpstreamFailure, for key: Key, _ source: MirroredRepository) {
    if failure.kind == .refused, source.upstream.mirrors(source.remote) { noteAbsent(key) }
  }

  func noteAbsent(_ key: Key) {
    let moment = now()
    state.withLock { $0.absent[key] = moment }
  }
}

/// What has been done for an upstream.
public struct MirrorTotals: Hashable, Sendable {
  /// Requests that it was sent.
  public var requests = 0
  /// Those that failed, and blobs that came broken.
  public var failures = 0
  /// Bytes of blobs that it sent.
  public var bytes: Int64 = 0
  /// Manifests and blobs that were served without fetching them.
  public var hits = 0
  /// Manifests and blobs that were fetched.
  public var misses = 0
  /// Manifests that were served though the upstream could not be asked whether they still hold.
  public var stale = 0

  /// Starts at nothing.
  public init() {}
}

extension RegistryError {
  /// What a client is told that asked for what is not here and that the upstream did not give.
  init(_ failure: UpstreamFailure, _ source: MirroredRepository, _ asked: MirroredRegistry.Asked) {
    let what = "\(source.remote) of \(source.upstream.host)"
    var detail = ["name": source.local.value]
    // Whole seconds, at least one.
    detail["retryAfter"] = failure.retryAfter.map { String(max(1, $0.components.seconds)) }
    switch failure.kind {
    case .refused:
      self = .unknown(asked, source, because: failure.description)
    case .unavailable:
      self.init(.unavailable, "\(what) is not cached, and cannot be fetched: \(failure)", detail: detail)
    case .limited:
      self.init(.tooManyRequests, "\(what) is not cached, and the upstream limits us: \(failure)", detail: detail)
    case .wrong:
      self.init(.unavailable, "what was fetched of \(what) is not taken: \(failure)", detail: detail, status: 502)
    }
  }

  /// That there is no such thing, here and at the upstream.
  static func unknown(
    _ asked: MirroredRegistry.Asked, _ source: MirroredRepository, because reason: String? = nil
  ) -> RegistryError {
    let because = reason.map { ": \($0)" } ?? ", and neither has \(source.upstream.host)"
    return switch asked {
    case .manifest(let reference):
      RegistryError(
        .manifestUnknown, "\(source.local) has no manifest \(reference)\(because)",
        detail: ["name": source.local.value, "reference": reference.description])
    case .blob(let digest):
      RegistryError(
        .blobUnknown, "\(source.local) has no blob \(digest)\(because)",
        detail: ["name": source.local.value, "digest": digest.description])
    }
  }
}
