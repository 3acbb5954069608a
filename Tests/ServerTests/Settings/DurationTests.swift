import Testing

@testable import Server

@Suite("Durations")
struct DurationTests {
  @Test(
    "are read as whole numbers with units",
    arguments: [
      ("90s", 90_000), ("15m", 900_000), ("24h", 86_400_000), ("7d", 604_800_000), ("1h30m", 5_400_000), ("250ms", 250),
      ("1m5ms", 60_005), ("0s", 0),
    ])
  func units(text: String, milliseconds: Int) throws {
    #expect(try Duration(parsing: text) == .milliseconds(milliseconds))
  }

  @Test(
    "that mean nothing are refused",
    arguments: [
      "", "5", "s", "1.5h", "-1s", "30m1h", "1h1h", "1 h", "1w", "99999999999999999999s", "9223372036854775807d",
    ])
  func refused(text: String) {
    #expect(throws: InvalidValue.self) { try Duration(parsing: text) }
  }

  @Test("are written as they are read", arguments: ["0s", "90ms", "30s", "1m30s", "1h", "1d", "7d1h"])
  func text(text: String) throws {
    #expect(try Duration(parsing: text).settingText == text)
  }

  @Test("of retention may be never")
  func never() throws {
    #expect(try UntaggedRetention(parsing: "never") == .never)
    #expect(try UntaggedRetention(parsing: "7d") == .after(.seconds(604_800)))
    #expect(throws: InvalidValue.self) { try UntaggedRetention(parsing: "Never") }
  }
}
