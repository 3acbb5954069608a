import OCI
import Testing

@Suite("Timestamps as text")
struct TimestampTests {
  @Test(
    "a moment is written as it is read",
    arguments: [
      ("1970-01-01T00:00:00Z", 0), ("2026-11-20T12:34:56Z", 1_795_178_096), ("2000-02-29T23:59:59Z", 951_868_799),
      ("1969-12-31T23:59:59Z", -1), ("2100-03-01T00:00:00Z", 4_107_542_400), ("1900-02-28T00:00:00Z", -2_203_977_600),
    ])
  func roundTrip(text: String, seconds: Int64) {
    #expect(Timestamp(rfc3339: text)?.milliseconds == seconds * 1000)
    #expect(Timestamp(milliseconds: seconds * 1000).rfc3339 == text)
  }

  @Test(
    "offsets, fractions, dates alone and lower case are read",
    arguments: [
      ("2026-11-20T12:34:56+02:00", 1_795_170_896_000), ("2026-11-20T12:34:56.5Z", 1_795_178_096_500),
      ("2026-11-20T12:34:56.123456789-00:30", 1_795_179_896_123), ("2026-11-20", 1_795_132_800_000),
      ("2026-11-20t12:34z", 1_795_178_040_000), ("2026-11-20 12:34:56Z", 1_795_178_096_000),
    ])
  func reads(text: String, milliseconds: Int64) {
    #expect(Timestamp(rfc3339: text)?.milliseconds == milliseconds)
  }

  @Test(
    "what is no moment is not read",
    arguments: [
      "", "2026", "2026-13-01", "2026-00-10", "2026-02-29", "2026-02-30T00:00:00Z", "2026-11-20T24:00:00Z",
      "2026-11-20T12:60:00Z", "2026-11-20T12:34:56", "2026-11-20T12:34:56+2", "2026-11-20T12:34:56Zx", "yesterday",
      "2026-11-20T12:34:56.Z", "２０２６-11-20",
    ])
  func refuses(text: String) {
    #expect(Timestamp(rfc3339: text) == nil)
  }
}
