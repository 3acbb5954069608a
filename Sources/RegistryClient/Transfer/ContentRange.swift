internal import OCI

/// Which bytes an answer with status 206 holds (RFC 9110, section 14.4).
struct ContentRange: Hashable, Sendable {
  /// The offset of the first byte.
  let first: Int64
  /// The offset of the last byte.
  let last: Int64
  /// The size of the whole, where it is known.
  let size: Int64?

  /// Reads `bytes 100-199/1000`; nil for anything else, several ranges included.
  init?(parsing header: some StringProtocol) {
    guard header.hasPrefix("bytes "), let slash = header.firstIndex(of: "/") else { return nil }
    let total = header[header.index(after: slash)...]
    do {
      let range = try ChunkRange(parsing: header[..<slash])
      (first, last) = (range.first, range.last)
    } catch {
      return nil
    }
    if total == "*" {
      size = nil
    } else {
      guard total.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let size = Int64(total), size > last else {
        return nil
      }
      self.size = size
    }
  }
}
