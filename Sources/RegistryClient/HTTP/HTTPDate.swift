internal import OCI

extension Timestamp {
  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  /// Reads a date of HTTP, such as `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110, section 5.6.7, `IMF-fixdate`).
  init?(httpDate text: some StringProtocol) {
    let parts = text.split(separator: " ").map { String($0) }
    guard parts.count == 6, parts[0].hasSuffix(","), parts[5] == "GMT", parts[1].utf8.count == 2,
      let month = Self.months.firstIndex(of: parts[2])
    else { return nil }
    let number = month < 9 ? "0\(month + 1)" : "\(month + 1)"
    self.init(rfc3339: "\(parts[3])-\(number)-\(parts[1])T\(parts[4])Z")
  }
}

extension Duration {
  /// Reads the value of `Retry-After`: seconds, or a date (RFC 9110, section 10.2.3); nil for what is neither.
  init?(retryAfter text: some StringProtocol, now: Timestamp) {
    if let seconds = Int64(text), seconds >= 0 {
      // More than a year is as good as for ever, and too much for the arithmetic of some callers.
      self = .seconds(min(seconds, 366 * 86_400))
    } else if let date = Timestamp(httpDate: text) {
      self = .milliseconds(max(0, date.milliseconds - now.milliseconds))
    } else {
      return nil
    }
  }
}
