import OCI

extension [UInt8] {
  /// Appends `time` as RFC 3339 in UTC with milliseconds: `2026-11-20T12:34:56.789Z`.
  mutating func append(_ time: Timestamp) {
    let time = CivilTime(time)
    append(digits: Int64(time.year), width: 4)
    append(UInt8(ascii: "-"))
    append(digits: Int64(time.month), width: 2)
    append(UInt8(ascii: "-"))
    append(digits: Int64(time.day), width: 2)
    append(UInt8(ascii: "T"))
    append(digits: Int64(time.hour), width: 2)
    append(UInt8(ascii: ":"))
    append(digits: Int64(time.minute), width: 2)
    append(UInt8(ascii: ":"))
    append(digits: Int64(time.second), width: 2)
    append(UInt8(ascii: "."))
    append(digits: Int64(time.millisecond), width: 3)
    append(UInt8(ascii: "Z"))
  }
}
