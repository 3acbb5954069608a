import OCI

extension [UInt8] {
  /// Appends `time` as RFC 3339 in UTC with milliseconds: `2026-11-20T12:34:56.789Z`.
  mutating func append(_ time: Timestamp) {
    let (day, milliseconds) = time.milliseconds.flooredQuotientAndRemainder(dividingBy: 86_400_000)
    let date = civilDate(daysSince1970: day)
    append(digits: date.year, width: 4)
    append(UInt8(ascii: "-"))
    append(digits: date.month, width: 2)
    append(UInt8(ascii: "-"))
    append(digits: date.day, width: 2)
    append(UInt8(ascii: "T"))
    append(digits: milliseconds / 3_600_000, width: 2)
    append(UInt8(ascii: ":"))
    append(digits: milliseconds / 60_000 % 60, width: 2)
    append(UInt8(ascii: ":"))
    append(digits: milliseconds / 1_000 % 60, width: 2)
    append(UInt8(ascii: "."))
    append(digits: milliseconds % 1_000, width: 3)
    append(UInt8(ascii: "Z"))
  }
}

extension Int64 {
  fileprivate func flooredQuotientAndRemainder(dividingBy divisor: Int64) -> (Int64, Int64) {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
  }
}

/// The proleptic Gregorian date of a day, by eras of 400 years that begin on 1 March (Howard Hinnant,
/// "chrono-Compatible Low-Level Date Algorithms", `civil_from_days`).
private func civilDate(daysSince1970 days: Int64) -> (year: Int64, month: Int64, day: Int64) {
  let (era, dayOfEra) = (days + 719_468).flooredQuotientAndRemainder(dividingBy: 146_097)
  let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
  let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
  let marchMonth = (5 * dayOfYear + 2) / 153
  let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
  return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * marchMonth + 2) / 5 + 1)
}
