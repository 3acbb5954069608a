import Locks
import OCI

/// The `Date` field's value (RFC 9110, section 5.6.7), made once a second.
enum HTTPDate {
  private static let cached = Locked<(second: Int64, text: String)>((-1, ""))

  static var now: String {
    let now = Timestamp.now
    let second = now.milliseconds / 1000
    return cached.withLock { cached in
      if cached.second != second { cached = (second, now.httpDate) }
      return cached.text
    }
  }
}
