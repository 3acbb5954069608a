import Locks

/// How far the reading of layers is, on one line of a terminal.
final class ReadingProgress: Sendable {
  private let line = ProgressLine()
  private let bytes = Locked((read: Int64(0), total: Int64(0)))

  /// Another layer of so many bytes is read, too.
  func begin(_ size: Int64) {
    bytes.withLock { $0.total += size }
  }

  /// So many more bytes have been read.
  func add(_ count: Int) {
    let (read, total) = bytes.withLock { bytes in
      bytes.read += Int64(count)
      return bytes
    }
    line.show("reading layers: \(ByteText.short(read)) of \(ByteText.short(total))")
  }

  /// Takes the line away.
  func clear() {
    line.clear()
  }
}
