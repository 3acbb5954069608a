internal import Foundation
internal import OCI

/// A time zone of the tz database, such as `Asia/Tokyo`.
struct TimeZoneName: Hashable, Sendable {
  /// Coordinated universal time.
  static let utc = TimeZoneName(zone: .gmt)

  private let zone: TimeZone

  private init(zone: TimeZone) {
    self.zone = zone
  }

  /// Reads a name, in letters of any case.
  init(_ text: String) throws(Fault) {
    if ["utc", "gmt", "etc/utc", "etc/gmt", "z"].contains(text.lowercased()) {
      self = .utc
      return
    }
    let name =
      TimeZone.knownTimeZoneIdentifiers.first { $0.caseInsensitiveCompare(text) == .orderedSame } ?? text
    guard let zone = TimeZone(identifier: name) else {
      throw Fault("\(quoted(text)) is no time zone; zones are written like Europe/Berlin, Asia/Tokyo and UTC")
    }
    self.zone = zone
  }

  /// How far the zone's clocks are ahead of UTC.
  func secondsFromUTC(at moment: Timestamp) -> Int {
    zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(moment.milliseconds) / 1000))
  }
}
