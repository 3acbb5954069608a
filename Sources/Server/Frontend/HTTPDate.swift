import Locks
import OCI

/// The `Date` field's value (RFC 9110, section 5.6.7), made once a second.
enum HTTPDate {
  private static let cached = Locked<(second: Int64, text: String)>((-1, ""))

  static var now: String {
    let second = Timestamp.now.milliseconds / 1000
    return cached.withLock { cached in
      if cached.second != second { cached = (second, format(second)) }
      return cached.text
    }
  }

  static func format(_ second: Int64) -> String {
    let time = CivilTime(Timestamp(milliseconds: second * 1000))
    let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    return "\(days[time.weekday]), \(twoDigits(time.day)) \(months[time.month - 1]) \(time.year) "
      + "\(twoDigits(time.hour)):\(twoDigits(time.minute)):\(twoDigits(time.second)) GMT"
  }

  private static func twoDigits(_ number: Int) -> String {
    number < 10 ? "0\(number)" : "\(number)"
  }
}
