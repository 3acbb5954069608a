extension Timestamp {
  /// The moment in UTC to the second (RFC 3339), such as `2027-01-31T12:00:00Z`.
  public var rfc3339: String { "\(secondText)Z" }

  /// The moment in UTC to the millisecond (RFC 3339), such as `2027-01-31T12:00:00.250Z`, which reads as the same moment.
  public var preciseRFC3339: String { "\(secondText).\(Self.padded(CivilTime(self).millisecond, 3))Z" }

  private var secondText: String {
    let time = CivilTime(self)
    let date = "\(Self.padded(time.year, 4))-\(Self.padded(time.month, 2))-\(Self.padded(time.day, 2))"
    return
      "\(date)T\(Self.padded(time.hour, 2)):\(Self.padded(time.minute, 2)):\(Self.padded(time.second, 2))"
  }

  private static func padded(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
  }

  /// Reads a moment with its offset from UTC; a date alone is its beginning, and seconds may be left out.
  ///
  /// - Returns: nil for text that is no such moment.
  public init?(rfc3339 text: some StringProtocol) {
    var reader = Reader(text: Array(text.utf8)[...])
    guard let year = reader.digits(4), reader.take("-"), let month = reader.digits(2), reader.take("-"),
      let day = reader.digits(2), (1...12).contains(month), (1...31).contains(day)
    else { return nil }
    guard let days = CivilTime.day(year: year, month: month, day: day) else { return nil }
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
