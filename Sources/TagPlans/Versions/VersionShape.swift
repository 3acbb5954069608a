internal import Foundation
internal import OCI

/// How tags that a rule makes look, so that the versions in those that are there can be read.
struct VersionShape {
  /// How many of a version's numbers such a tag tells.
  let precision: Int
  private let expression: NSRegularExpression
  private let places: [Int?]

  /// The look of what a template makes of a version; nil where that tells no number.
  ///
  /// - Parameter leastNumbers: how many numbers a whole version has at least.
  init?(_ template: Template, prefix: String, suffix: String, leastNumbers: Int) {
    var pattern = NSRegularExpression.escapedPattern(for: prefix)
    var places: [Int?] = []
    for piece in template.pieces {
      switch piece {
      case .text(let text): pattern += NSRegularExpression.escapedPattern(for: text)
      case .value(.raw, _), .value(.version, _):
        pattern += "v?([0-9]+(?:\\.[0-9]+){\(leastNumbers - 1),9})"
        places.append(nil)
      case .value(let value, _):
        guard let place = [Template.Value.major, .minor, .patch].firstIndex(of: value) else { return nil }
        pattern += "([0-9]+)"
        places.append(place)
      case .date: return nil
      }
    }
    pattern += NSRegularExpression.escapedPattern(for: suffix)
    precision = places.map { $0.map { $0 + 1 } ?? 3 }.max() ?? 0
    guard precision > 0, let expression = try? NSRegularExpression(pattern: "^\(pattern)$") else { return nil }
    self.expression = expression
    self.places = places
  }

  /// The release that a tag tells of; nil for a tag of another look.
  func release(of tag: Tag) -> ReleaseNumbers? {
    let text = tag.value as NSString
    guard let match = expression.firstMatch(in: tag.value, range: NSRange(location: 0, length: text.length)) else {
      return nil
    }
    var numbers: [Int: UInt64] = [:]
    for (group, place) in places.enumerated() {
      let found = text.substring(with: match.range(at: group + 1))
      for (offset, part) in found.split(separator: ".").enumerated() {
        guard let number = UInt64(part) else { return nil }
        numbers[(place ?? 0) + offset] = number
      }
    }
    // Numbers behind one that is not known tell nothing.
    let known = (0..<numbers.count).prefix { numbers[$0] != nil }.compactMap { numbers[$0] }
    guard !known.isEmpty else { return nil }
    // What a whole version leaves out is 0.
    let missing = places.contains(nil) ? max(0, 3 - known.count) : 0
    return ReleaseNumbers(known + Array(repeating: 0, count: missing))
  }
}
