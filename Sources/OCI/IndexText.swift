/// The text of an index, whose entries can be taken out and put in while every other byte stays as it is.
///
/// Entries may have members that nobody here knows; they are never encoded again.
public struct IndexText: Sendable {
  /// The whole text.
  public let bytes: [UInt8]
  /// Where the entries are, in their order.
  private let entries: [Range<Int>]
  /// What is between the brackets around the entries.
  private let list: Range<Int>

  /// Finds the entries, or answers nil where there is no list of manifests, which every index has.
  ///
  /// - Parameter bytes: what was read as an index before; `manifests` is an array there.
  public init?(_ bytes: [UInt8]) {
    self.bytes = bytes
    var scanner = Scanner(bytes: bytes)
    guard let found = scanner.entries() else { return nil }
    (list, entries) = found
  }

  /// The text with some entries only; with all of them it stays as it is.
  public func keeping(_ isKept: (Int) -> Bool) -> [UInt8] {
    let kept = entries.indices.filter(isKept)
    return kept.count == entries.count ? bytes : replacing(kept, adding: [])
  }

  /// The text with some entries and, behind them, others.
  ///
  /// - Parameter added: descriptors as JSON.
  public func keeping(_ isKept: (Int) -> Bool, adding added: [String]) -> [UInt8] {
    replacing(entries.indices.filter(isKept), adding: added)
  }

  private func replacing(_ kept: [Int], adding added: [String]) -> [UInt8] {
    let texts = kept.map { Array(bytes[entries[$0]]) } + added.map { Array($0.utf8) }
    return Array(bytes[..<list.lowerBound] + texts.joined(separator: Array(",".utf8)) + bytes[list.upperBound...])
  }
}

/// Walks over text that is known to be JSON, and so does not look for faults.
private struct Scanner {
  let bytes: [UInt8]
  var position = 0

  init(bytes: [UInt8]) {
    self.bytes = bytes
  }

  mutating func entries() -> (list: Range<Int>, entries: [Range<Int>])? {
    guard next() == UInt8(ascii: "{") else { return nil }
    position += 1
    while let byte = next(), byte != UInt8(ascii: "}") {
      if byte == UInt8(ascii: ",") {
        position += 1
        continue
      }
      let name = value()
      // Past the colon.
      _ = next()
      position += 1
      _ = next()
      if isManifests(name) { return elements() }
      _ = value()
    }
    return nil
  }

  private func isManifests(_ name: Range<Int>) -> Bool {
    if case .string("manifests") = try? JSONValue(parsing: Array(bytes[name])) { true } else { false }
  }

  private mutating func elements() -> (Range<Int>, [Range<Int>])? {
    guard next() == UInt8(ascii: "[") else { return nil }
    position += 1
    let start = position
    var elements: [Range<Int>] = []
    while let byte = next(), byte != UInt8(ascii: "]") {
      if byte == UInt8(ascii: ",") { position += 1 } else { elements.append(value()) }
    }
    return (start..<position, elements)
  }

  /// The next byte that is no space.
  private mutating func next() -> UInt8? {
    while position < bytes.count, [0x20, 0x0a, 0x0d, 0x09].contains(bytes[position]) { position += 1 }
    return position < bytes.count ? bytes[position] : nil
  }

  /// Goes past the value that begins here.
  private mutating func value() -> Range<Int> {
    let start = position
    var depth = 0
    while position < bytes.count {
      switch bytes[position] {
      case UInt8(ascii: "\""): skipString()
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        depth += 1
        position += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        if depth == 0 { return start..<position }
        depth -= 1
        position += 1
      case UInt8(ascii: ","), UInt8(ascii: ":"), 0x20, 0x0a, 0x0d, 0x09:
        if depth == 0 { return start..<position }
        position += 1
      default: position += 1
      }
      if depth == 0, let last = bytes[..<position].last, [0x22, 0x7d, 0x5d].contains(last) { break }
    }
    return start..<position
  }

  private mutating func skipString() {
    position += 1
    while position < bytes.count, bytes[position] != UInt8(ascii: "\"") {
      position += bytes[position] == UInt8(ascii: "\\") ? 2 : 1
    }
    position += 1
  }
}
