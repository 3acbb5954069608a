import OCI
import Testing

@testable import RegistryClient

@Suite("The pauses between attempts")
struct RetryPolicyTests {
  private let policy = RetryPolicy(
    attempts: 8, firstDelay: .seconds(1), largestDelay: .seconds(10), longestRetryAfter: .seconds(60))

  @Test(
    "pauses double up to the largest, and lie between its half and the whole",
    arguments: [(1, 1), (2, 2), (3, 4), (4, 8), (5, 10), (6, 10), (7, 10)])
  func backOff(_ attempt: Int, _ seconds: Int64) {
    #expect(policy.pause(after: attempt, retryAfter: nil, jitter: 0) == .seconds(seconds) / 2)
    let longest = policy.pause(after: attempt, retryAfter: nil, jitter: 0.999_999)
    #expect(longest.map { $0 > .seconds(seconds) * 0.99 && $0 <= .seconds(seconds) } == true)
  }

  @Test("there are no more attempts than the policy has")
  func attempts() {
    #expect(policy.pause(after: 8, retryAfter: nil, jitter: 0) == nil)
    #expect(RetryPolicy.once.pause(after: 1, retryAfter: nil, jitter: 0) == nil)
  }

  @Test("what a registry asks for is not cut short, and what is too long ends the attempts")
  func retryAfter() {
    #expect(policy.pause(after: 1, retryAfter: .seconds(30), jitter: 0.5) == .seconds(30))
    #expect(policy.pause(after: 5, retryAfter: .seconds(1), jitter: 0) == .seconds(5))
    #expect(policy.pause(after: 1, retryAfter: .seconds(61), jitter: 0) == nil)
  }

  @Test(
    "Retry-After is seconds or a date",
    arguments: [
      ("0", 0), ("120", 120), ("Sun, 06 Nov 1994 08:50:00 GMT", 23), ("Sun, 06 Nov 1994 08:00:00 GMT", 0),
    ])
  func header(_ text: String, _ seconds: Int64) throws {
    let now = try #require(Timestamp(httpDate: "Sun, 06 Nov 1994 08:49:37 GMT"))
    #expect(Duration(retryAfter: text, now: now) == .seconds(seconds))
  }

  @Test("what is neither is passed over", arguments: ["", "-1", "soon", "1.5", "Sun, 06 Nuv 1994 08:49:37 GMT"])
  func noHeader(_ text: String) {
    #expect(Duration(retryAfter: text, now: .now) == nil)
  }
}
