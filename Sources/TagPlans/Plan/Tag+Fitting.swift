internal import OCI

extension Tag {
  /// How many digits of the digest a tag ends with that was cut.
  private static let markLength = 8
  private static let allowed = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-".unicodeScalars)

  /// The tag that a text comes to, whatever it holds.
  ///
  /// 1. What no tag may hold is replaced: each run of such characters by one `-`.
  /// 2. A `.` or `-` that it would begin with is left out.
  /// 3. What is longer than 128 characters is cut to 119, a `-`, and 8 digits of the SHA-256 of the whole, so that two
  ///    long branches which begin alike still have two tags.
  ///
  /// - Returns: nil where nothing is left.
  init?(fitting text: String) {
    var fitted = ""
    var isReplaced = false
    for scalar in text.unicodeScalars {
      let isAllowed = Self.allowed.contains(scalar)
      if isAllowed {
        fitted.unicodeScalars.append(scalar)
      } else if !isReplaced {
        fitted += "-"
      }
      isReplaced = !isAllowed
    }
    fitted = String(fitted.drop { $0 == "." || $0 == "-" })
    if fitted.utf8.count > Self.maximumLength {
      let mark = Digest.of(Array(fitted.utf8)).hex.prefix(Self.markLength)
      fitted = "\(fitted.prefix(Self.maximumLength - Self.markLength - 1))-\(mark)"
    }
    guard let tag = try? Tag(parsing: fitted) else { return nil }
    self = tag
  }
}
