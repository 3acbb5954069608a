extension Timestamp {
  /// The moment in UTC to the second (RFC 3339), such as `2027-01-31T12:00:00Z`.
  public var rfc3339: String {
    let seconds = (milliseconds - milliseconds.positiveRemainder(1000)) / 1000
    let time = Int(seconds.positiveRemainder(86_400))
    let date = Self.date(ofDay: (seconds - Int64(time)) / 86_400)
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let year = String(repeating: "0", count: max(0, 4 - String(date.year).count)) + String(date.year)
    return "\(year)-\(two(date.month))-\(two(date.day))T\(two(time / 3600)):\(two(time / 60 % 60)):\(two(time % 60))Z"
  }

  /// Reads a moment with its offset from UTC; a date alone is its beginning, and seconds may be left out.
  ///
  /// - Returns: nil for text that is no such moment.
  public init?(rfc3339 text: some StringProtocol) {
    var reader = Reader(text: Array(text.utf8)[...])
    guard let year = reader.digits(4), reader.take("-"), let month = reader.digits(2), reader.take("-"),
      let day = reader.digits(2), (1...12).contains(month), (1...31).contains(day)
    else { return nil }
    let days = Self.day(year: year, month: month, day: day)
    guard Self.date(ofDay: days) == (year, month, day) else { return nil }
    var (seconds, fraction) = (days * 86_400, Int64(0))
    if !reader.isAtEnd {
      guard reader.take("T") || reader.take("t") || reader.take(" "), let hour = reader.digits(2), reader.take(":"),
        let minute = reader.digits(2), hour < 24, minute < 60
      else { return nil }
      seconds += Int64(hour * 3600 + minute * 60)
      if reader.take(":") {
        guard let second = reader.digits(2), second <= 60 else { return nil }
        seconds += Int64(second)
        if reader.take(".") {
          guard let milliseconds = reader.fraction() else { return nil }
          fraction = milliseconds
        }
      }
      guard let offset = reader.offset() else { return nil }
      seconds -= Int64(offset)
    }
    guard reader.isAtEnd else { return nil }
    self.init(milliseconds: seconds * 1000 + fraction)
  }

  /// Days since 1970-01-01 of a date of the Gregorian calendar, counted in years that begin in March, so that the leap
  /// day is a year's last.
  private static func day(year: Int, month: Int, day: Int) -> Int64 {
    let year = Int64(month <= 2 ? year - 1 : year)
    let era = (year - year.positiveRemainder(400)) / 400
    let yearOfEra = year.positiveRemainder(400)
    let dayOfYear = Int64((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1)
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  private static func date(ofDay day: Int64) -> (year: Int, month: Int, day: Int) {
    let shifted = day + 719_468
    let dayOfEra = shifted.positiveRemainder(146_097)
    let era = (shifted - dayOfEra) / 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    return (
      Int(era * 400 + yearOfEra + (month <= 2 ? 1 : 0)), Int(month), Int(dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    )
  }

  private struct Reader {
    var text: ArraySlice<UInt8>

    var isAtEnd: Bool { text.isEmpty }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
      guard text.first == UInt8(ascii: character) else { return false }
      text.removeFirst()
      return true
    }

    mutating func digits(_ count: Int) -> Int? {
      let digits = text.prefix(count)
      guard digits.count == count, digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
      text = text.dropFirst(count)
      return digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }

    /// Milliseconds, from one digit or more.
    mutating func fraction() -> Int64? {
      let digits = text.prefix { (0x30...0x39).contains($0) }
      guard !digits.isEmpty else { return nil }
      text = text.dropFirst(digits.count)
      let three = Array(digits.prefix(3)) + [UInt8](repeating: 0x30, count: max(0, 3 - digits.count))
      return three.reduce(0) { $0 * 10 + Int64($1 - 0x30) }
    }

    /// Seconds east of UTC.
    mutating func offset() -> Int? {
      if take("Z") || take("z") { return 0 }
      let sign: Int
      if take("+") { sign = 1 } else if take("-") { sign = -1 } else { return nil }
      guard let hours = digits(2), take(":"), let minutes = digits(2), hours < 24, minutes < 60 else { return nil }
      return sign * (hours * 3600 + minutes * 60)
    }
  }
}

extension Int64 {
  fileprivate func positiveRemainder(_ divisor: Int64) -> Int64 {
    let remainder = self % divisor
    return remainder < 0 ? remainder + divisor : remainder
  }
}
