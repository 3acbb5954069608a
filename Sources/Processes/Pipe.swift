internal import Glibc

/// One end of a pipe, closed at the latest when nobody holds it any more.
final class Descriptor {
  private(set) var number: Int32
  /// What was read so far.
  private(set) var bytes: [UInt8] = []

  init(_ number: Int32) {
    self.number = number
  }

  deinit { close() }

  func close() {
    guard number >= 0 else { return }
    Glibc.close(number)
    number = -1
  }

  func makeNonblocking() throws(ProgramFailure) {
    guard fcntl(number, F_SETFL, O_NONBLOCK) == 0 else { throw .system(errno) }
  }

  /// Reads what is there.
  ///
  /// - Returns: whether more may come.
  func drain(limit: Int) throws(ProgramFailure) -> Bool {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = read(number, &buffer, buffer.count)
      if count == 0 { return false }
      if count < 0 {
        guard errno != EINTR else { continue }
        guard errno == EAGAIN else { throw .system(errno) }
        return true
      }
      bytes += buffer[..<count]
      guard bytes.count <= limit else { throw .outputTooLong }
    }
  }
}

/// A pipe.
struct Pipe {
  let reading: Descriptor
  let writing: Descriptor

  init() throws(ProgramFailure) {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { throw .system(errno) }
    reading = Descriptor(ends[0])
    writing = Descriptor(ends[1])
  }

  /// Puts bytes into a pipe that nobody reads yet.
  func fill(with bytes: [UInt8]) throws(ProgramFailure) {
    try writing.makeNonblocking()
    guard bytes.isEmpty || write(writing.number, bytes, bytes.count) == bytes.count else { throw .inputTooLong }
  }
}
