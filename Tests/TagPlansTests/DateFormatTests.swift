import OCI
import Testing

@testable import TagPlans

@Suite struct DateFormatTests {
  @Test(
    "letters come to what Moment.js makes of them",
    arguments: [
      ("YYYYMMDD-HHmmss", "20200110-153050"),
      ("dddd, MMMM Do YYYY, h:mm:ss a", "Friday, January 10th 2020, 3:30:50 pm"),
      ("ddd MMM D YY H kk hh A", "Fri Jan 10 20 15 15 03 PM"),
      ("YYYY-MM-DDTHH:mm:ss.SSS[Z]", "2020-01-10T15:30:50.123Z"), ("SS SSSSS", "12 12300"),
      ("X x", "1578670250 1578670250123"), ("Q Qo DDDD DDDo", "1 1st 010 10th"), ("E e d do dd", "5 5 5 5th Fr"),
      ("GGGG-[W]WW gggg ww", "2020-W02 2020 02"), ("Z ZZ z", "+00:00 +0000 UTC"), ("[on] D[th]", "on 10th"),
      ("Hmm hmmss", "1530 33050"), ("LT LTS L", "3:30 PM 3:30:50 PM 01/10/2020"), ("\\D.D", "D.10"), ("", ""),
    ])
  func letters(_ format: String, _ text: String) {
    #expect(DateFormat(format).text(of: Timestamp(milliseconds: 1_578_670_250_123), secondsFromUTC: 0) == text)
  }

  @Test(
    "weeks at the turn of a year belong to the year that has most of them",
    arguments: [
      ("2021-01-03", "2020-53", "2021-02"), ("2020-12-31", "2020-53", "2021-01"), ("2019-12-30", "2020-01", "2020-01"),
      ("2023-01-01", "2022-52", "2023-01"), ("2024-12-31", "2025-01", "2025-01"), ("2026-11-21", "2026-47", "2026-47"),
    ])
  func weeks(_ date: String, _ iso: String, _ american: String) throws {
    let moment = try #require(Timestamp(rfc3339: "\(date)T12:00:00Z"))
    #expect(DateFormat("GGGG-WW").text(of: moment, secondsFromUTC: 0) == iso)
    #expect(DateFormat("gggg-ww").text(of: moment, secondsFromUTC: 0) == american)
  }

  @Test("zones have their summer time, and their names may be written in any letters")
  func zones() throws {
    let (winter, summer) = (
      try #require(Timestamp(rfc3339: "2020-01-10T23:30:00Z")), try #require(Timestamp(rfc3339: "2020-07-10T23:30:00Z"))
    )
    let berlin = try TimeZoneName("europe/berlin")
    #expect(berlin.secondsFromUTC(at: winter) == 3600 && berlin.secondsFromUTC(at: summer) == 7200)
    #expect(DateFormat("D Z").text(of: summer, secondsFromUTC: 7200) == "11 +02:00")
    #expect(DateFormat("ZZ").text(of: summer, secondsFromUTC: -12_600) == "-0330")
  }
}
