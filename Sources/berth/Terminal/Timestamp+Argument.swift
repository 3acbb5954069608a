import OCI
import Server

extension Timestamp {
  /// Reads a duration before a moment, such as `24h`, or a moment (RFC 3339).
  init(before moment: Timestamp, _ text: String) throws(InvalidMoment) {
    self = try Self.moment(text) { moment - $0 }
  }

  /// Reads a duration after a moment, such as `90d`, or a moment (RFC 3339).
  init(after moment: Timestamp, _ text: String) throws(InvalidMoment) {
    self = try Self.moment(text) { moment - (.zero - $0) }
  }

  private static func moment(_ text: String, _ apply: (Duration) -> Timestamp) throws(InvalidMoment) -> Timestamp {
    if let moment = Timestamp(rfc3339: text) { return moment }
    guard let duration = try? Duration(parsing: text), duration <= longest else { throw InvalidMoment() }
    return apply(duration)
  }

  /// A hundred years.
  private static let longest = Duration.seconds(100 * 365 * 86_400)
}

/// Text that is no moment.
struct InvalidMoment: Error, Hashable, CustomStringConvertible {
  /// What would be right.
  var description: String {
    "write a duration of up to a hundred years, such as 90d, 24h or 30m, or a moment, such as 2027-01-31 or "
      + "2027-01-31T12:00:00Z"
  }
}
