internal import OCI

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
