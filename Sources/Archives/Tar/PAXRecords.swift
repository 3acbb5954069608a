/// The records of a PAX extended header, which say better what a ustar header cannot (POSIX.1, pax, "pax Extended
/// Header").
struct PAXRecords {
  private static let attributePrefix = "SCHILY.xattr."

  private var values: [String: [UInt8]] = [:]

  init() {}

  /// Reads records `length key=value\n`, of which the length counts the whole record.
  init(parsing bytes: [UInt8]) throws(ArchiveError) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let record = try Self.nextRecord(&rest)
      guard let equals = record.firstIndex(of: UInt8(ascii: "=")), equals > record.startIndex else {
        throw Self.fault("a record has no \"key=value\"")
      }
      let key = String(decoding: record[..<equals], as: UTF8.self)
      if key.hasPrefix("GNU.sparse.") {
        throw ArchiveError(.unsupported, "the archive holds sparse files: write it without (GNU tar: without --sparse)")
      }
      let value = Array(record[record.index(after: equals)...])
      // An empty value takes back what is said elsewhere.
      values[key] = value.isEmpty ? nil : value
    }
  }

  private static func nextRecord(_ rest: inout ArraySlice<UInt8>) throws(ArchiveError) -> ArraySlice<UInt8> {
    guard let space = rest.prefix(9).firstIndex(of: UInt8(ascii: " ")),
      let length = Int(String(decoding: rest[..<space], as: UTF8.self)), length <= rest.count
    else { throw fault("a record's length is not a number, or leads out of the header") }
    let end = rest.startIndex + length
    guard end - space >= 2, rest[end - 1] == UInt8(ascii: "\n") else {
      throw fault("a record does not end with its line")
    }
    let record = rest[(space + 1)..<(end - 1)]
    rest = rest[end...]
    return record
  }

  private static func fault(_ reason: String) -> ArchiveError {
    ArchiveError(.corrupt, "a PAX header cannot be read: \(reason)")
  }

  func path(_ key: String, or other: ArchivePath) throws(ArchiveError) -> ArchivePath {
    guard let value = values[key] else { return other }
    guard !value.contains(0) else { throw Self.fault("its \(key) holds a zero byte") }
    return ArchivePath(bytes: value)
  }

  func text(_ key: String) -> String? {
    values[key].map { String(decoding: $0, as: UTF8.self) }
  }

  func number(_ key: String, or other: Int64) throws(ArchiveError) -> Int64 {
    guard let text = text(key) else { return other }
    guard let number = Int64(text) else { throw Self.fault("its \(key) is not a whole number of 64 bits") }
    return number
  }

  func time(_ key: String, or other: TarEntry.Time) throws(ArchiveError) -> TarEntry.Time {
    guard let text = text(key) else { return other }
    guard let time = TarEntry.Time(decimal: text) else { throw Self.fault("its \(key) is not a number of seconds") }
    return time
  }

  /// These records, but for what the others say.
  func overlaid(by others: PAXRecords) -> PAXRecords {
    guard !values.isEmpty else { return others }
    var result = self
    result.values.merge(others.values) { $1 }
    return result
  }

  /// Whether records are there that name or measure one file.
  var describesOneFile: Bool {
    ["path", "linkpath", "size"].contains { values[$0] != nil }
  }

  var extendedAttributes: [String: [UInt8]] {
    var attributes: [String: [UInt8]] = [:]
    for (key, value) in values where key.hasPrefix(Self.attributePrefix) {
      attributes[String(key.dropFirst(Self.attributePrefix.count))] = value
    }
    return attributes
  }
}

extension PAXRecords {
  mutating func set(_ key: String, _ value: [UInt8]) { values[key] = value }

  mutating func set(_ key: String, _ value: String) { values[key] = Array(value.utf8) }

  mutating func set(attributes: [String: [UInt8]]) {
    for (name, value) in attributes { values[Self.attributePrefix + name] = value }
  }

  var isEmpty: Bool { values.isEmpty }

  /// The records in the order of their keys, so that the same entry is always the same bytes.
  var encoded: [UInt8] {
    var bytes: [UInt8] = []
    for (key, value) in values.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
      let contentLength = key.utf8.count + value.count + 3
      // The length counts its own digits.
      var length = contentLength + String(contentLength).utf8.count
      length = contentLength + String(length).utf8.count
      bytes += Array("\(length) \(key)=".utf8) + value + [UInt8(ascii: "\n")]
    }
    return bytes
  }
}

extension TarEntry.Time {
  /// Reads seconds since 1970 as PAX writes them, such as `-1.5`; what is finer than nanoseconds is cut.
  init?(decimal text: String) {
    let isNegative = text.hasPrefix("-")
    let parts = text.dropFirst(isNegative ? 1 : 0).split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    guard let whole = parts.first, !whole.isEmpty, parts.allSatisfy({ $0.utf8.allSatisfy(Self.isDigit) }),
      let seconds = Int64(whole)
    else { return nil }
    let digits = parts.count == 2 ? String(parts[1].prefix(9)) : ""
    let nanoseconds = Int32(digits + String(repeating: "0", count: 9 - digits.count)) ?? 0
    switch (isNegative, nanoseconds) {
    case (false, _): self.init(seconds: seconds, nanoseconds: nanoseconds)
    case (true, 0): self.init(seconds: -seconds)
    case (true, _): self.init(seconds: -seconds - 1, nanoseconds: 1_000_000_000 - nanoseconds)
    }
  }

  private static func isDigit(_ character: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(character)
  }

  /// The seconds since 1970 as PAX writes them, without zeros at the end.
  var decimal: String {
    guard nanoseconds != 0 else { return String(seconds) }
    let isNegative = seconds < 0
    let whole = isNegative ? -(seconds + 1) : seconds
    let fraction = String((isNegative ? 1_000_000_000 - nanoseconds : nanoseconds) + 1_000_000_000).dropFirst()
    let digits = fraction.reversed().drop { $0 == "0" }.reversed()
    return "\(isNegative ? "-" : "")\(whole).\(String(digits))"
  }
}
