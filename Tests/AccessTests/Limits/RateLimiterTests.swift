import Testing

@testable import Access

@Suite("Rate limits")
struct RateLimiterTests {
  private let start = ContinuousClock.now
  private let limit: RateLimit

  init() throws {
    limit = try RateLimit(count: 3, window: .seconds(60))
  }

  @Test(
    "count from 1 to a billion, in 1 second to 30 days",
    arguments: [(1, 1), (1_000_000_000, 2_592_000), (100, 21_600)])
  func accepted(count: Int, seconds: Int) throws {
    let limit = try RateLimit(count: count, window: .seconds(seconds))
    #expect(limit.count == count)
    #expect(limit.window == .seconds(seconds))
  }

  @Test(
    "of other numbers are refused",
    arguments: [
      (0, .seconds(1)), (-1, .seconds(1)), (1_000_000_001, .seconds(1)), (1, .zero), (1, .seconds(2_592_001)),
      (1, .milliseconds(1500)), (1, .seconds(-1)), (1, .seconds(Int64.max)),
    ] as [(Int, Duration)])
  func refused(count: Int, window: Duration) {
    #expect(throws: InvalidRateLimit.self) { try RateLimit(count: count, window: window) }
  }

  @Test("let as many through as they say, then none until the window ends")
  func window() {
    let limiter = RateLimiter<String>(limit: limit)
    // When, whether it is allowed, what remains, seconds until the window ends.
    let table = [
      (0, true, 2, 60), (10, true, 1, 50), (20, true, 0, 40), (30, false, 0, 30), (59, false, 0, 1),
      (60, true, 2, 60), (100, true, 1, 20), (500, true, 2, 60),
    ]
    for (seconds, isAllowed, remaining, reset) in table {
      let outcome = limiter.take("alice", now: start + .seconds(seconds))
      let expected = RateLimit.Outcome(
        isAllowed: isAllowed, limit: limit, remaining: remaining, resetAfter: .seconds(reset))
      #expect(outcome == expected)
    }
  }

  @Test("count each identity by itself")
  func identities() {
    let limiter = RateLimiter<String>(limit: limit)
    for _ in 0..<4 { _ = limiter.take("alice", now: start) }
    #expect(!limiter.take("alice", now: start).isAllowed)
    #expect(limiter.take("bob", now: start).remaining == 2)
  }

  @Test("tell what is left without counting")
  func peek() {
    let limiter = RateLimiter<String>(limit: limit)
    for _ in 0..<5 {
      let outcome = limiter.peek("alice", now: start)
      #expect(outcome == RateLimit.Outcome(isAllowed: true, limit: limit, remaining: 3, resetAfter: .zero))
    }
    for _ in 0..<3 { _ = limiter.take("alice", now: start) }
    let outcome = limiter.peek("alice", now: start + .seconds(20))
    #expect(outcome == RateLimit.Outcome(isAllowed: false, limit: limit, remaining: 0, resetAfter: .seconds(40)))
    #expect(limiter.peek("alice", now: start + .seconds(60)).remaining == 3)
    #expect(limiter.count == 1)
  }

  @Test("do not end a window early when others age")
  func aging() {
    let limiter = RateLimiter<Int>(limit: limit)
    for second in 0..<600 {
      let now = start + .seconds(second)
      _ = limiter.take(second, now: now)
      // A window that began up to a minute ago is the same one still.
      for earlier in max(0, second - 59)...second { #expect(limiter.peek(earlier, now: now).remaining == 2) }
    }
  }

  @Test("drop windows that are over")
  func expiry() {
    let limiter = RateLimiter<Int>(limit: limit)
    for key in 0..<1000 { _ = limiter.take(key, now: start) }
    _ = limiter.take(-1, now: start + .seconds(60))
    _ = limiter.take(-1, now: start + .seconds(120))
    #expect(limiter.count <= 2)
  }

  @Test("take no more memory than they may for a million identities, and keep counting those that come back")
  func memory() {
    let limiter = RateLimiter<Int>(limit: limit, capacity: 10_000)
    for key in 1...1_000_000 {
      _ = limiter.take(key, now: start)
      if key.isMultiple(of: 1000) { _ = limiter.take(0, now: start) }
    }
    #expect(limiter.count <= 10_000)
    #expect(!limiter.peek(0, now: start).isAllowed)
  }
}

@Suite("Rate limits in a race")
struct RateLimiterRaceTests {
  @Test("let exactly as many through as they say")
  func exact() async throws {
    let limiter = RateLimiter<Int>(limit: try RateLimit(count: 100, window: .seconds(60)))
    let now = ContinuousClock.now
    let allowed = await withTaskGroup(of: [Int].self) { group in
      for _ in 0..<8 {
        group.addTask {
          (0..<500).map { $0 % 10 }.filter { limiter.take($0, now: now).isAllowed }
        }
      }
      return await group.reduce(into: []) { $0 += $1 }
    }
    #expect(allowed.count == 1000)
    for key in 0..<10 { #expect(allowed.count { $0 == key } == 100) }
  }
}
