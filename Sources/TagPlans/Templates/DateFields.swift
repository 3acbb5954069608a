internal import OCI

/// A moment as the letters of `DateFormat` show it.
struct DateFields {
  private static let months = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
  ]
  private static let weekdays = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]

  private let moment: Timestamp
  private let time: CivilTime
  private let secondsFromUTC: Int

  init(_ moment: Timestamp, secondsFromUTC: Int) {
    self.moment = moment
    self.secondsFromUTC = secondsFromUTC
    time = CivilTime(moment + .seconds(secondsFromUTC))
  }

  /// What a field of a format comes to.
  func text(of field: String) -> String {
    switch field {
    case "YYYYYY": (time.year < 0 ? "-" : "+") + padded(abs(time.year), 6)
    case "YYYY": padded(time.year, 4)
    case "YY": padded(time.year % 100, 2)
    case "Y": "\(time.year)"
    case "Q": "\((time.month + 2) / 3)"
    case "Qo": ordinal((time.month + 2) / 3)
    case "MMMM": Self.months[time.month - 1]
    case "MMM": String(Self.months[time.month - 1].prefix(3))
    case "MM": padded(time.month, 2)
    case "Mo": ordinal(time.month)
    case "M": "\(time.month)"
    case "DDDD": padded(dayOfYear, 3)
    case "DDDo": ordinal(dayOfYear)
    case "DDD": "\(dayOfYear)"
    case "DD": padded(time.day, 2)
    case "Do": ordinal(time.day)
    case "D": "\(time.day)"
    case "dddd": Self.weekdays[time.weekday]
    case "ddd": String(Self.weekdays[time.weekday].prefix(3))
    case "dd": String(Self.weekdays[time.weekday].prefix(2))
    case "do": ordinal(time.weekday)
    case "d", "e": "\(time.weekday)"
    case "E": "\(isoWeekday)"
    case "gggg": padded(week.year, 4)
    case "gg": padded(week.year % 100, 2)
    case "ww": padded(week.number, 2)
    case "wo": ordinal(week.number)
    case "w": "\(week.number)"
    case "GGGG": padded(isoWeek.year, 4)
    case "GG": padded(isoWeek.year % 100, 2)
    case "WW": padded(isoWeek.number, 2)
    case "Wo": ordinal(isoWeek.number)
    case "W": "\(isoWeek.number)"
    case "Z": offset(separator: ":")
    case "ZZ": offset(separator: "")
    case "z", "zz": "UTC"
    case "X": "\(moment.milliseconds / 1000)"
    case "x": "\(moment.milliseconds)"
    default: clock(field)
    }
  }

  private func clock(_ field: String) -> String {
    let twelve = time.hour % 12 == 0 ? 12 : time.hour % 12
    return switch field {
    case "A": time.hour < 12 ? "AM" : "PM"
    case "a": time.hour < 12 ? "am" : "pm"
    case "HH": padded(time.hour, 2)
    case "H": "\(time.hour)"
    case "hh": padded(twelve, 2)
    case "h": "\(twelve)"
    case "kk": padded(time.hour == 0 ? 24 : time.hour, 2)
    case "k": "\(time.hour == 0 ? 24 : time.hour)"
    case "mm": padded(time.minute, 2)
    case "m": "\(time.minute)"
    case "ss": padded(time.second, 2)
    case "s": "\(time.second)"
    case "Hmm": "\(time.hour)" + padded(time.minute, 2)
    case "hmm": "\(twelve)" + padded(time.minute, 2)
    case "Hmmss": "\(time.hour)" + padded(time.minute, 2) + padded(time.second, 2)
    case "hmmss": "\(twelve)" + padded(time.minute, 2) + padded(time.second, 2)
    // What is left are fractions of the second, a digit for each letter.
    default: String((padded(time.millisecond, 3) + "000000").prefix(field.count))
    }
  }

  private func padded(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }

  private func ordinal(_ number: Int) -> String {
    switch (number % 10, number % 100) {
    case (_, 11...13): "\(number)th"
    case (1, _): "\(number)st"
    case (2, _): "\(number)nd"
    case (3, _): "\(number)rd"
    default: "\(number)th"
    }
  }

  private func offset(separator: String) -> String {
    let minutes = abs(secondsFromUTC) / 60
    return (secondsFromUTC < 0 ? "-" : "+") + padded(minutes / 60, 2) + separator + padded(minutes % 60, 2)
  }

  // MARK: Weeks

  /// The day of the week, from 1 for Monday.
  private var isoWeekday: Int { time.weekday == 0 ? 7 : time.weekday }

  /// The day of the year, from 1.
  private var dayOfYear: Int {
    (1..<time.month).reduce(time.day) { $0 + Self.length(ofMonth: $1, in: time.year) }
  }

  /// The week by ISO 8601: it begins on Monday, and the first one of a year has its first Thursday.
  private var isoWeek: (year: Int, number: Int) {
    let number = (dayOfYear - isoWeekday + 10) / 7
    if number < 1 { return (time.year - 1, Self.isoWeeks(in: time.year - 1)) }
    if number > Self.isoWeeks(in: time.year) { return (time.year + 1, 1) }
    return (time.year, number)
  }

  /// The week as it is counted in the United States: it begins on Sunday, and the first one of a year has its first day.
  private var week: (year: Int, number: Int) {
    let lastDay = time.weekday == 6 ? dayOfYear : dayOfYear + 6 - time.weekday
    if lastDay > Self.length(ofYear: time.year) { return (time.year + 1, 1) }
    return (time.year, (lastDay + 6) / 7)
  }

  private static func isLeap(_ year: Int) -> Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }

  private static func length(ofYear year: Int) -> Int { isLeap(year) ? 366 : 365 }

  private static func length(ofMonth month: Int, in year: Int) -> Int {
    switch month {
    case 2: isLeap(year) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  /// 53 in years that begin or end on a Thursday.
  private static func isoWeeks(in year: Int) -> Int {
    func weekday(ofLastDay year: Int) -> Int { (year + year / 4 - year / 100 + year / 400) % 7 }
    return weekday(ofLastDay: year) == 4 || weekday(ofLastDay: year - 1) == 3 ? 53 : 52
  }
}
