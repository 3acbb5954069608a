import OCI
import Testing

@testable import Registry

@Suite("An upstream that fails")
struct UpstreamHealthTests {
  private let start = Timestamp(milliseconds: 1_000_000)

  private func rest(_ health: UpstreamHealth, at now: Timestamp) -> Duration? {
    do throws(UpstreamFailure) {
      try health.requireAwake(at: now)
      return nil
    } catch {
      #expect(error.retryAfter == health.rest(at: now))
      return error.retryAfter
    }
  }

  @Test("is left alone twice as long after each failure, and five minutes at the longest")
  func backsOff() {
    var (health, now) = (UpstreamHealth(), start)
    for seconds in [2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300] {
      health.failed(UpstreamFailure(.unavailable, "down"), at: now)
      #expect(rest(health, at: now) == .seconds(seconds))
      now = now + .seconds(seconds)
      #expect(rest(health, at: now) == nil)
    }
    health.answered()
    health.failed(UpstreamFailure(.unavailable, "down"), at: now)
    #expect(rest(health, at: now) == .seconds(2))
  }

  @Test("is left alone for as long as it says, within reason")
  func retryAfter() {
    var health = UpstreamHealth()
    health.failed(UpstreamFailure(.limited, "429", retryAfter: .seconds(1800)), at: start)
    #expect(rest(health, at: start) == .seconds(1800))
    health.failed(UpstreamFailure(.unavailable, "a request that was under way"), at: start)
    #expect(rest(health, at: start) == .seconds(1800))

    health = UpstreamHealth()
    health.failed(UpstreamFailure(.limited, "429", retryAfter: .seconds(1_000_000)), at: start)
    #expect(rest(health, at: start) == .seconds(6 * 3600))

    health = UpstreamHealth()
    health.failed(UpstreamFailure(.limited, "429"), at: start)
    #expect(rest(health, at: start) == .seconds(60))
  }

  @Test("in one answer alone is asked for others at once", arguments: [UpstreamFailure.Kind.refused, .wrong])
  func oneAnswer(_ kind: UpstreamFailure.Kind) {
    var health = UpstreamHealth()
    health.failed(UpstreamFailure(kind, "no"), at: start)
    #expect(rest(health, at: start) == nil)
  }
}
