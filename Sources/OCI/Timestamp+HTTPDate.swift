extension Timestamp {
  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  /// Reads a date of HTTP, such as `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110, section 5.6.7, `IMF-fixdate`).
  public init?(httpDate text: some StringProtocol) {
    let parts = text.split(separator: " ").map { String($0) }
    guard parts.count == 6, parts[0].hasSuffix(","), parts[5] == "GMT", parts[1].utf8.count == 2,
      let month = Self.months.firstIndex(of: parts[2])
    else { return nil }
    self.init(rfc3339: "\(parts[3])-\(Self.twoDigits(month + 1))-\(parts[1])T\(parts[4])Z")
  }

  /// The moment as a date of HTTP, to the second.
  public var httpDate: String {
    let time = CivilTime(self)
    let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    return "\(days[time.weekday]), \(Self.twoDigits(time.day)) \(Self.months[time.month - 1]) \(time.year) "
      + "\(Self.twoDigits(time.hour)):\(Self.twoDigits(time.minute)):\(Self.twoDigits(time.second)) GMT"
  }

  private static func twoDigits(_ number: Int) -> String {
    number < 10 ? "0\(number)" : "\(number)"
  }
}
