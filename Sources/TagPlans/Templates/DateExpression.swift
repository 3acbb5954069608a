internal import OCI

/// A `{{date 'YYYYMMDD' tz='UTC'}}` or `{{commit_date …}}` of a template.
struct DateExpression: Hashable, Sendable {
  /// Which moment is shown.
  enum Name: String, Sendable {
    /// The moment that the plan is made.
    case now = "date"
    /// The moment that the commit was made.
    case commit = "commit_date"
  }

  let name: Name
  private let format: DateFormat
  private let zone: TimeZoneName

  /// Takes what stands behind the name.
  init(_ name: Name, words: ArraySlice<Template.Word>) throws(Fault) {
    self.name = name
    var format: DateFormat?
    var zone = TimeZoneName.utc
    for word in words {
      switch word {
      case .quoted(let text) where format == nil: format = DateFormat(text)
      // A format without quotes is the name of something that is not there, and then the standard's format holds.
      case .bare where format == nil: format = .standard
      case .named("tz", let text): zone = try TimeZoneName(text)
      case .named(let other, _): throw Fault("\(quoted(other)) is not known of a date; there is tz, as in tz='UTC'")
      case .quoted(let text), .bare(let text):
        throw Fault("a date has one format, and \(quoted(text)) would be another one")
      }
    }
    guard let format else {
      throw Fault("{{\(name.rawValue)}} needs a format in quotes, as in {{\(name.rawValue) 'YYYYMMDD'}}")
    }
    guard !format.namesZone || zone == .utc else {
      throw Fault("z, the short name of the zone, is there for UTC alone; ZZ writes the zone as +0900, Z as +09:00")
    }
    self.format = format
    self.zone = zone
  }

  /// The moment as the expression has it.
  func text(of moment: Timestamp) -> String {
    format.text(of: moment, secondsFromUTC: zone.secondsFromUTC(at: moment))
  }
}
