internal import AgingMaps
internal import Locks

/// Counts the requests of identities against one limit, each in windows that begin with its first request.
public final class RateLimiter<Key: Hashable & Sendable>: Sendable {
  private struct Window {
    let start: ContinuousClock.Instant
    var used = 0
  }

  private struct State {
    var windows: AgingMap<Key, Window>
    var agedAt: ContinuousClock.Instant?
  }

  /// What each identity may do.
  public let limit: RateLimit

  private let state: Locked<State>

  /// Remembers `capacity` identities at the most; with more of them, those that were quiet for longest begin anew.
  public init(limit: RateLimit, capacity: Int = 200_000) {
    self.limit = limit
    state = Locked(State(windows: AgingMap(capacity: capacity)))
  }

  /// How many identities take memory.
  var count: Int { state.withLock { $0.windows.count } }

  /// Counts one request, when it is within the limit.
  public func take(_ key: Key, now: ContinuousClock.Instant) -> RateLimit.Outcome {
    state.withLock { state in
      age(&state, now: now)
      var window = current(state.windows[key], now: now) ?? Window(start: now)
      let isAllowed = window.used < limit.count
      if isAllowed { window.used += 1 }
      // A request that is refused is written as well: who keeps knocking is not forgotten.
      state.windows[key] = window
      return outcome(of: window, isAllowed: isAllowed, now: now)
    }
  }

  /// Says what `take` would, counting nothing; `remaining` is without the request that is asked about.
  public func peek(_ key: Key, now: ContinuousClock.Instant) -> RateLimit.Outcome {
    let window = state.withLock { current($0.windows[key], now: now) }
    guard let window else {
      return RateLimit.Outcome(isAllowed: true, limit: limit, remaining: limit.count, resetAfter: .zero)
    }
    return outcome(of: window, isAllowed: window.used < limit.count, now: now)
  }

  /// Forgets windows that are over, and the quietest half when there is no room.
  ///
  /// What the old generation holds began before the map aged last; when that is a window ago, all of it is over.
  private func age(_ state: inout State, now: ContinuousClock.Instant) {
    guard let agedAt = state.agedAt else {
      state.agedAt = now
      return
    }
    guard state.windows.isYoungFull || now - agedAt >= limit.window else { return }
    state.windows.age()
    state.agedAt = now
  }

  private func current(_ window: Window?, now: ContinuousClock.Instant) -> Window? {
    window.flatMap { now - $0.start < limit.window ? $0 : nil }
  }

  private func outcome(of window: Window, isAllowed: Bool, now: ContinuousClock.Instant) -> RateLimit.Outcome {
    RateLimit.Outcome(
      isAllowed: isAllowed, limit: limit, remaining: limit.count - window.used,
      resetAfter: limit.window - (now - window.start))
  }
}
