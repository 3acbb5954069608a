internal import AgingMaps
internal import Locks

/// Slows down the guessing of passwords, and nobody else.
///
/// Three counts stand against three ways to guess:
///
/// - One account from one network: after 5 failures each attempt waits, from a second up to half a minute. The wait
///   belongs to the *pair*, so a stranger's failures do not keep out somebody who logs in from elsewhere.
/// - Many accounts from one network: after 20 failures the network waits up to 5 minutes. The failures of one pair
///   count here only while they are free: a forgotten job with an old password does not lock out its whole office.
/// - One account from many networks: all together may try 30 times at once and then once a second. That would be a way
///   to lock a person out, by always being there first. So it does not hold for networks from which the account logged
///   in before; only who is under attack *and* in a new place has to wait.
///
/// An attempt counts as a failure from when it begins, and is taken back when it succeeds. So guesses that run at the
/// same time are as few as those that run one after the other. Attempts that are told to wait count for nothing.
///
/// Nothing here knows which accounts exist. Memory is bounded; who could push out a count would have to fail in tens of
/// thousands of other places first, each of which is as good a guess as the ones that it wins.
public final class LoginThrottle: Sendable {
  /// A login that has begun. It is a failed one unless `succeed` or `withdraw` is told of it.
  public struct Attempt: ~Copyable, Sendable {
    fileprivate let pair: Pair
    fileprivate let counts: Counts
  }

  /// Whether a login may begin.
  @frozen
  public enum Admission: ~Copyable, Sendable {
    /// The password may be checked.
    case attempt(Attempt)
    /// It has to be tried again after this long, which is more than zero.
    case wait(Duration)
  }

  fileprivate struct Pair: Hashable, Sendable {
    /// A hash with a seed that nobody outside knows: names come from the network, and may be long and many.
    let account: Int
    let network: ClientNetwork

    init(account name: some StringProtocol, network: ClientNetwork) {
      var hasher = Hasher()
      for byte in name.utf8.prefix(256) { hasher.combine(byte) }
      account = hasher.finalize()
      self.network = network
    }
  }

  private let state: Locked<State>

  /// Remembers `capacity` failures and successes at the most.
  public init(capacity: Int = 100_000) {
    state = Locked(
      State(
        pairs: AgingMap(capacity: capacity / 4), networks: AgingMap(capacity: capacity / 4),
        accounts: AgingMap(capacity: capacity / 4), familiar: AgingMap(capacity: capacity / 4)))
  }

  /// How many entries take memory.
  var count: Int {
    state.withLock { $0.pairs.count + $0.networks.count + $0.accounts.count + $0.familiar.count }
  }

  /// Begins a login, or says how long to wait; `name` is the text as the client sent it, whether there is such an
  /// account or not.
  public func begin(
    account name: some StringProtocol, network: ClientNetwork, now: ContinuousClock.Instant
  ) -> Admission {
    let pair = Pair(account: name, network: network)
    return switch state.withLock({ $0.begin(pair, now: now) }) {
    case .begun(let counts): .attempt(Attempt(pair: pair, counts: counts))
    case .wait(let duration): .wait(duration)
    }
  }

  /// Takes back an attempt whose password was right, and forgets the failures of its account from its network.
  public func succeed(_ attempt: consuming Attempt) {
    let (pair, counts) = (attempt.pair, attempt.counts)
    state.withLock { state in
      state.takeBack(counts, pair)
      state.pairs[pair] = nil
      state.familiar[pair] = ()
    }
  }

  /// Takes back an attempt whose password was not checked, such as one that found the server busy.
  public func withdraw(_ attempt: consuming Attempt) {
    let (pair, counts) = (attempt.pair, attempt.counts)
    state.withLock { $0.takeBack(counts, pair) }
  }
}

extension LoginThrottle {
  /// Where an attempt was counted.
  fileprivate struct Counts: Sendable {
    let pair: LoginBackoff.Counted
    let network: LoginBackoff.Counted?
    let isOfAccount: Bool
  }

  fileprivate struct State: Sendable {
    enum Start {
      case begun(Counts)
      case wait(Duration)
    }

    var pairs: AgingMap<Pair, LoginBackoff>
    var networks: AgingMap<ClientNetwork, LoginBackoff>
    var accounts: AgingMap<Int, LoginAllowance>
    /// Where accounts logged in.
    var familiar: AgingMap<Pair, Void>

    /// Counts an attempt everywhere, or, when it has to wait, nowhere.
    mutating func begin(_ pair: Pair, now: ContinuousClock.Instant) -> Start {
      var ofPair = Self.remembered(pairs[pair], now: now)
      var ofNetwork = Self.remembered(networks[pair.network], now: now)
      var ofAccount = accounts[pair.account] ?? LoginAllowance(now: now)
      let isFamiliar = familiar[pair] != nil
      let countsForNetwork = ofPair.failures < LoginBackoff.Policy.pair.freeFailures

      let wait = max(
        ofPair.wait(under: .pair, now: now), ofNetwork.wait(under: .network, now: now),
        isFamiliar ? .zero : ofAccount.wait(now: now))
      guard wait == .zero else { return .wait(wait) }

      let counts = Counts(
        pair: ofPair.count(now: now), network: countsForNetwork ? ofNetwork.count(now: now) : nil,
        isOfAccount: !isFamiliar)
      pairs[pair] = ofPair
      if countsForNetwork { networks[pair.network] = ofNetwork }
      if !isFamiliar {
        ofAccount.take(now: now)
        accounts[pair.account] = ofAccount
      }
      return .begun(counts)
    }

    mutating func takeBack(_ counts: Counts, _ pair: Pair) {
      pairs[pair]?.takeBack(counts.pair)
      if let counted = counts.network { networks[pair.network]?.takeBack(counted) }
      if counts.isOfAccount { accounts[pair.account]?.giveBack() }
    }

    private static func remembered(_ backoff: LoginBackoff?, now: ContinuousClock.Instant) -> LoginBackoff {
      guard let backoff, !backoff.isForgotten(at: now) else { return LoginBackoff(now: now) }
      return backoff
    }
  }
}
