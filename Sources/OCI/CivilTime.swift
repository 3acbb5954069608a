/// A moment in UTC as a calendar and a clock show it, by the proleptic Gregorian calendar.
public struct CivilTime: Hashable, Sendable {
  /// The year.
  public let year: Int
  /// The month, from 1.
  public let month: Int
  /// The day of the month, from 1.
  public let day: Int
  /// The day of the week, from 0 for Sunday.
  public let weekday: Int
  /// The hour, from 0 to 23.
  public let hour: Int
  /// The minute, from 0 to 59.
  public let minute: Int
  /// The second, from 0 to 59.
  public let second: Int
  /// The millisecond, from 0 to 999.
  public let millisecond: Int

  /// Shows a moment.
  public init(_ moment: Timestamp) {
    let (days, time) = Self.divide(moment.milliseconds, by: 86_400_000)
    (year, month, day) = Self.date(ofDay: days)
    // 1970-01-01 was a Thursday.
    weekday = Int(Self.divide(days + 4, by: 7).remainder)
    (hour, minute) = (Int(time / 3_600_000), Int(time / 60_000 % 60))
    (second, millisecond) = (Int(time / 1000 % 60), Int(time % 1000))
  }

  /// Days since 1970-01-01 of a date, or nil where the calendar has no such date.
  ///
  /// Years are counted from March, so that the leap day is a year's last, in eras of 400 years, which are all alike.
  static func day(year: Int, month: Int, day: Int) -> Int64? {
    let (era, yearOfEra) = divide(Int64(month <= 2 ? year - 1 : year), by: 400)
    let dayOfYear = Int64((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1)
    let days = era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    return date(ofDay: days) == (year, month, day) ? days : nil
  }

  private static func date(ofDay day: Int64) -> (year: Int, month: Int, day: Int) {
    let (era, dayOfEra) = divide(day + 719_468, by: 146_097)
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shifted = (5 * dayOfYear + 2) / 153
    let month = shifted < 10 ? shifted + 3 : shifted - 9
    return (
      Int(era * 400 + yearOfEra + (month <= 2 ? 1 : 0)), Int(month), Int(dayOfYear - (153 * shifted + 2) / 5 + 1)
    )
  }

  /// Rounds down, so that the remainder is never negative.
  private static func divide(_ number: Int64, by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
    let (quotient, remainder) = number.quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
  }
}
