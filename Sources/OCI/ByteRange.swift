/// A range of bytes that a client asks for (RFC 9110, section 14.1.2, `int-range` and `suffix-range`).
public enum ByteRange: Hashable, Sendable {
  /// From one offset to another, that one included.
  case closed(first: Int64, last: Int64)
  /// From an offset to the end.
  case from(Int64)
  /// The last so many bytes.
  case suffix(Int64)

  /// Reads a `Range` header's value.
  ///
  /// - Returns: nil where the header is to be passed over: another unit than bytes, or several ranges, which a server
  ///   may answer with the whole (RFC 9110, section 14.2).
  /// - Throws: `InvalidByteRange` where the unit is bytes and what follows is no range.
  public static func parse(_ header: some StringProtocol) throws(InvalidByteRange) -> ByteRange? {
    let parts = header.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, parts[0].trimmingSpaces().lowercased() == "bytes" else { return nil }
    let specifier = parts[1].trimmingSpaces()
    guard !specifier.utf8.contains(UInt8(ascii: ",")) else { return nil }
    let ends = specifier.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
    guard ends.count == 2 else { throw InvalidByteRange(header) }
    switch (ends[0].isEmpty, ends[1].isEmpty) {
    case (true, true):
      throw InvalidByteRange(header)
    case (true, false):
      guard let count = decimal(ends[1]) else { throw InvalidByteRange(header) }
      return .suffix(count)
    case (false, true):
      guard let first = decimal(ends[0]) else { throw InvalidByteRange(header) }
      return .from(first)
    case (false, false):
      guard let first = decimal(ends[0]), let last = decimal(ends[1]), first <= last else {
        throw InvalidByteRange(header)
      }
      return .closed(first: first, last: last)
    }
  }

  /// The offsets that the range has in content of a size, or nil where it has none (416).
  ///
  /// - Parameter size: the size of the content, in bytes.
  public func resolved(size: Int64) -> Range<Int64>? {
    switch self {
    case .closed(let first, let last): first < size ? first..<(min(last, size - 1) + 1) : nil
    case .from(let first): first < size ? first..<size : nil
    case .suffix(let count): count > 0 && size > 0 ? max(0, size - count)..<size : nil
    }
  }
}

/// The place of a chunk in an upload (OCI distribution spec, "Pushing a blob in chunks").
public struct ChunkRange: Hashable, Sendable {
  /// The offset of the chunk's first byte.
  public let first: Int64
  /// The offset of the chunk's last byte.
  public let last: Int64

  /// The chunk's length, in bytes; at least 1.
  public var count: Int64 { last - first + 1 }

  /// Reads `first-last`, and HTTP's own `bytes first-last/total`, as a `Content-Range` header's value.
  public init(parsing header: some StringProtocol) throws(InvalidByteRange) {
    var text = header.trimmingSpaces()
    if text.hasPrefix("bytes ") || text.hasPrefix("bytes=") { text = text.dropFirst(6) }
    let bare = text.prefix { $0 != "/" }
    let ends = bare.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
    guard ends.count == 2, let first = decimal(ends[0]), let last = decimal(ends[1]), first <= last,
      last < Int64.max
    else {
      throw InvalidByteRange(header)
    }
    self.first = first
    self.last = last
  }
}

/// Why a text is not a range of bytes.
public struct InvalidByteRange: Error, Hashable, CustomStringConvertible {
  /// What was wrong, and what would be right.
  public let description: String

  init(_ text: some StringProtocol) {
    description =
      "\(quoted(text)) is not a range: a Range reads like bytes=0-99, bytes=100- or bytes=-100, "
      + "a chunk's Content-Range like 0-99, and the first offset is not past the last"
  }
}

/// Digits alone, no sign, no overflow.
private func decimal(_ text: some StringProtocol) -> Int64? {
  guard !text.isEmpty, text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
    return nil
  }
  return Int64(text)
}

extension StringProtocol {
  fileprivate func trimmingSpaces() -> SubSequence {
    let isSpace = { (character: Character) in character == " " || character == "\t" }
    let start = drop(while: isSpace)
    guard let last = start.lastIndex(where: { !isSpace($0) }) else { return start }
    return start[...last]
  }
}
