import Testing

@testable import Access

@Suite("The throttle of logins")
struct LoginThrottleTests {
  private let throttle = LoginThrottle()
  private let start = ContinuousClock.now
  private let home = ClientAddress(ipv4: 0xc000_0201).network

  @Test("lets five failures of an account from a network pass, then doubles a wait up to half a minute")
  func pairBackoff() {
    var now = start
    for _ in 0..<6 { #expect(throttle.fail("alice", home, now) == .zero) }
    for seconds in [1, 2, 4, 8, 16, 30, 30, 30] {
      #expect(throttle.fail("alice", home, now) == .seconds(seconds))
      #expect(throttle.fail("alice", home, now + .milliseconds(400)) == .seconds(seconds) - .milliseconds(400))
      now += .seconds(seconds)
      #expect(throttle.fail("alice", home, now) == .zero)
    }
  }

  @Test("lets twenty failures of a network pass, then doubles a wait up to five minutes")
  func networkBackoff() {
    var now = start
    var number = 0
    func next() -> Duration {
      number += 1
      return throttle.fail("account\(number)", home, now)
    }
    for _ in 0..<21 { #expect(next() == .zero) }
    for seconds in [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300] {
      #expect(next() == .seconds(seconds))
      now += .seconds(seconds)
      #expect(next() == .zero)
    }
    #expect(throttle.fail("alice", .number(7), now) == .zero)
  }

  @Test("forgets failures after a quarter of an hour without one")
  func memory() {
    for _ in 0..<6 { #expect(throttle.fail("alice", home, start) == .zero) }
    #expect(throttle.fail("alice", home, start + .seconds(899)) == .zero)
    #expect(throttle.fail("alice", home, start + .seconds(899)) > .zero)
    let later = start + .seconds(899 + 900)
    for _ in 0..<6 { #expect(throttle.fail("alice", home, later) == .zero) }
    #expect(throttle.fail("alice", home, later) > .zero)
  }

  @Test("treats names alike whether there is such an account, and whatever they hold")
  func unknownNames() {
    for name in ["alice", "nobody", "", "Ünbekannt\u{0}", String(repeating: "x", count: 100_000)] {
      let throttle = LoginThrottle()
      for _ in 0..<6 { #expect(throttle.fail(name, home, start) == .zero) }
      #expect(throttle.fail(name, home, start) == .seconds(1))
    }
  }

  @Test("forgets the failures of an account from a network when it logs in, and not those of the network")
  func success() {
    for _ in 0..<5 { #expect(throttle.fail("alice", home, start) == .zero) }
    #expect(throttle.succeed("alice", home, start))
    for _ in 0..<6 { #expect(throttle.fail("alice", home, start) == .zero) }
    // Ten failures count for the network, the sixth of alice in a row does not.
    for number in 0..<11 { #expect(throttle.fail("account\(number)", home, start) == .zero) }
    #expect(throttle.fail("bob", home, start) == .seconds(1))
  }

  @Test("does not let an attacker clear a network's failures by logging in to an account of his own")
  func ownAccount() {
    var guesses = 0
    for number in 0..<100 {
      if throttle.fail("account\(number)", home, start) == .zero { guesses += 1 }
      _ = throttle.succeed("mallory", home, start)
    }
    #expect(guesses == 21)
  }

  @Test("counts nothing for attempts that succeed or were withdrawn")
  func takenBack() {
    for number in 0..<1000 {
      #expect(throttle.succeed("account\(number % 7)", home, start))
      #expect(throttle.withdraw("other\(number % 7)", home, start))
    }
    for _ in 0..<6 { #expect(throttle.fail("other1", home, start) == .zero) }
    #expect(throttle.fail("other1", home, start) == .seconds(1))
  }

  @Test("does not prolong a network's wait by logins that succeed, nor remember it longer for them")
  func goodNeighbours() {
    for number in 0..<21 { #expect(throttle.fail("account\(number)", home, start) == .zero) }
    #expect(throttle.fail("alice", home, start) == .seconds(1))
    for second in 1...899 {
      for _ in 0..<2 { #expect(throttle.succeed("alice", home, start + .seconds(second))) }
    }
    let later = start + .seconds(900)
    for number in 0..<21 { #expect(throttle.fail("account\(number)", home, later) == .zero) }
    #expect(throttle.fail("alice", home, later) == .seconds(1))
  }

  @Test("leaves the failures before an attempt that was withdrawn")
  func withdrawn() {
    for _ in 0..<5 { #expect(throttle.fail("alice", home, start) == .zero) }
    #expect(throttle.withdraw("alice", home, start))
    #expect(throttle.fail("alice", home, start) == .zero)
    #expect(throttle.fail("alice", home, start) == .seconds(1))
  }

  @Test("counts attempts from when they begin")
  func parallel() {
    // None of them has ended.
    let first = throttle.begin(account: "alice", network: home, now: start)
    for _ in 0..<5 { #expect(throttle.fail("alice", home, start) == .zero) }
    #expect(throttle.fail("alice", home, start) == .seconds(1))
    switch consume first {
    case .attempt(let attempt): throttle.succeed(attempt)
    case .wait: Issue.record("the first attempt may begin")
    }
    #expect(throttle.fail("alice", home, start) == .zero)
  }

  @Test("does not lock out an account that is attacked from elsewhere")
  func lockOut() {
    for second in 0..<600 { _ = throttle.fail("alice", .number(7), start + .seconds(second)) }
    #expect(throttle.succeed("alice", home, start + .seconds(600)))
  }

  @Test("lets thirty networks together try an account at once, and then one attempt in each second")
  func distributed() {
    var guesses = 0
    for second in 0...100 {
      for number in 0..<40 {
        let wait = throttle.fail("alice", .number(second * 40 + number), start + .seconds(second))
        if wait == .zero { guesses += 1 } else { #expect(wait <= .seconds(1)) }
      }
    }
    #expect(guesses == 130)
  }

  @Test("lets an account in from where it logged in before, while all the world tries it")
  func familiar() {
    #expect(throttle.succeed("alice", home, start))
    for number in 0..<100 { _ = throttle.fail("alice", .number(number), start) }
    #expect(throttle.fail("alice", .number(200), start) > .zero)
    #expect(throttle.succeed("alice", home, start))
    #expect(throttle.fail("bob", home, start) == .zero)
  }

  @Test("does not let a job with an old password slow down its network")
  func brokenJob() {
    for minute in 0..<600 { _ = throttle.fail("job", home, start + .seconds(minute * 60)) }
    let now = start + .seconds(600 * 60)
    #expect(throttle.fail("alice", home, now) == .zero)
    #expect(throttle.succeed("bob", home, now))
  }

  @Test("takes no more memory than it may for a million names, networks and pairs")
  func memoryBound() {
    let throttle = LoginThrottle(capacity: 10_000)
    for number in 0..<250_000 {
      _ = throttle.fail("account\(number)", .number(number), start)
      _ = throttle.succeed("other\(number)", .number(number), start)
    }
    #expect(throttle.count <= 10_000)
  }
}

@Suite("The throttle of logins in a race")
struct LoginThrottleRaceTests {
  @Test("lets no more guesses through than one after the other")
  func guesses() async {
    let throttle = LoginThrottle()
    let now = ContinuousClock.now
    let guesses = await withTaskGroup(of: Int.self) { group in
      for _ in 0..<8 {
        group.addTask { (0..<200).count { _ in throttle.fail("alice", .number(1), now) == .zero } }
      }
      return await group.reduce(0, +)
    }
    #expect(guesses == 6)
  }

  @Test("forgets nothing and keeps nothing when logins succeed and are withdrawn together")
  func takenBack() async {
    let throttle = LoginThrottle()
    let now = ContinuousClock.now
    await withTaskGroup { group in
      for task in 0..<4 {
        group.addTask {
          for _ in 0..<500 {
            #expect(throttle.succeed("account\(task)", .number(1), now))
            #expect(throttle.withdraw("account\(task)", .number(1), now))
          }
        }
      }
    }
    for number in 0..<21 { #expect(throttle.fail("other\(number)", .number(1), now) == .zero) }
    #expect(throttle.fail("other", .number(1), now) == .seconds(1))
  }
}

extension ClientNetwork {
  fileprivate static func number(_ number: Int) -> ClientNetwork {
    ClientAddress(ipv4: UInt32(number)).network
  }
}

extension LoginThrottle {
  /// A login with a wrong password; how long it has to wait.
  fileprivate func fail(_ name: String, _ network: ClientNetwork, _ now: ContinuousClock.Instant) -> Duration {
    switch begin(account: name, network: network, now: now) {
    case .attempt: .zero
    case .wait(let duration): duration
    }
  }

  /// A login with the right password; whether it was let in.
  fileprivate func succeed(_ name: String, _ network: ClientNetwork, _ now: ContinuousClock.Instant) -> Bool {
    guard case .attempt(let attempt) = begin(account: name, network: network, now: now) else { return false }
    succeed(attempt)
    return true
  }

  /// A login whose password was not checked; whether it could have been.
  fileprivate func withdraw(_ name: String, _ network: ClientNetwork, _ now: ContinuousClock.Instant) -> Bool {
    guard case .attempt(let attempt) = begin(account: name, network: network, now: now) else { return false }
    withdraw(attempt)
    return true
  }
}
