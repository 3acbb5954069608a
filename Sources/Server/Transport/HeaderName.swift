/// Comparison of header names as they came, without allocation.
enum HeaderName {
  /// Whether `name`, which is an HTTP token, is `lowercased` in any case.
  static func matches(_ name: String, _ lowercased: StaticString) -> Bool {
    let expected = UnsafeBufferPointer(start: lowercased.utf8Start, count: lowercased.utf8CodeUnitCount)
    guard name.utf8.count == expected.count else { return false }
    // Setting bit 5 folds letters; no other character of a token becomes a letter or a hyphen by it.
    return zip(name.utf8, expected).allSatisfy { $0 | 0x20 == $1 }
  }
}
