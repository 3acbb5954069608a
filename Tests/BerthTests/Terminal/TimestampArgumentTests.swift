import OCI
import Testing

@testable import berth

@Suite struct TimestampArgumentTests {
  private let noon = Timestamp(rfc3339: "2027-01-31T12:00:00Z")!

  @Test(
    "a duration counts from the moment of the call, and a moment stands for itself",
    arguments: [
      ("24h", "2027-01-30T12:00:00Z", "2027-02-01T12:00:00Z"),
      ("1h30m", "2027-01-31T10:30:00Z", "2027-01-31T13:30:00Z"),
      ("2026-12-24", "2026-12-24T00:00:00Z", "2026-12-24T00:00:00Z"),
      ("2026-12-24T18:00:00+01:00", "2026-12-24T17:00:00Z", "2026-12-24T17:00:00Z"),
    ])
  func reads(_ text: String, _ before: String, _ after: String) throws {
    #expect(try Timestamp(before: noon, text).rfc3339 == before)
    #expect(try Timestamp(after: noon, text).rfc3339 == after)
  }

  @Test(
    "what is neither is refused",
    arguments: ["", "yesterday", "5", "-1h", "36501d", "9223372036854775807ms", "2027-02-30"])
  func refuses(_ text: String) {
    #expect(throws: InvalidMoment.self) { try Timestamp(before: noon, text) }
    #expect(throws: InvalidMoment.self) { try Timestamp(after: noon, text) }
  }
}
