import Dispatch
import Foundation
import Locks
import OCI
public import SystemPackage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Takes finished log lines and writes them to a file descriptor in batches, on a thread of its own.
///
/// Taking a line is a copy into memory and never waits for the descriptor: when the descriptor does not keep up and the
/// buffer is full, lines are dropped and counted, and a line says how many.
public final class LogSink: Sendable {
  private struct Pending: Sendable {
    var bytes: [UInt8] = []
    var droppedLines = 0
    /// Whether the writer waits for `work` and nobody has signalled it yet.
    var writerSleeps = true
    var isClosed = false
  }

  /// How long the writer lets lines gather once there is one, so that a busy server wakes it a hundred times a second
  /// and not once a line.
  private static let gathering = DispatchTimeInterval.milliseconds(10)

  /// Buffers that grew beyond this are given back to the system after they were written.
  private static let keptCapacity = 256 << 10

  private let capacity: Int
  private let format: LogFormat
  private let pending = Locked(Pending())
  /// Held while bytes are taken out of `pending` and written, so that they arrive in the order of the lines.
  private let output: Locked<FileDescriptor>
  private let work = DispatchSemaphore(value: 0)
  private let hurry = DispatchSemaphore(value: 0)

  /// A sink that writes to `descriptor`, which stays open and belongs to the caller.
  ///
  /// - Parameters:
  ///   - descriptor: Where lines go.
  ///   - format: The form of the line that tells of dropped lines.
  ///   - capacity: The most bytes that wait to be written.
  public init(_ descriptor: FileDescriptor = .standardError, format: LogFormat = .text, capacity: Int = 4 << 20) {
    self.capacity = capacity
    self.format = format
    output = Locked(descriptor)
    let thread = Thread { [self] in writeUntilClosed() }
    thread.name = "log"
    thread.start()
  }

  /// Takes the line that `write` appends; the newline is added here.
  ///
  /// `write` runs under a lock: it only formats, and calls nothing that could log. It must not write a newline.
  public func line(_ write: (inout [UInt8]) -> Void) {
    let (wake, isFilling) = pending.withLock { pending in
      guard !pending.isClosed else { return (false, false) }
      let start = pending.bytes.count
      write(&pending.bytes)
      pending.bytes.append(UInt8(ascii: "\n"))
      if pending.bytes.count > capacity {
        pending.bytes.removeSubrange(start...)
        pending.droppedLines += 1
      }
      let isFilling = start <= capacity / 2 && pending.bytes.count > capacity / 2
      defer { pending.writerSleeps = false }
      return (pending.writerSleeps, isFilling)
    }
    if wake { work.signal() }
    if isFilling { hurry.signal() }
  }

  /// Takes a finished line without its newline.
  public func line(_ bytes: [UInt8]) {
    line { $0.append(contentsOf: bytes) }
  }

  /// Writes every line taken so far. It waits for the descriptor: not for event loops.
  public func flush() {
    output.withLock { descriptor in
      var taken = take()
      if taken.droppedLines > 0 { append(droppedLines: taken.droppedLines, to: &taken.bytes) }
      let lost = write(taken.bytes, to: descriptor)
      if lost > 0 {
        pending.withLock { $0.droppedLines += lost }
      }
    }
  }

  /// Writes every line taken so far and ends the thread; lines that come later are not written.
  public func close() {
    pending.withLock { $0.isClosed = true }
    work.signal()
    hurry.signal()
    flush()
  }

  private func writeUntilClosed() {
    while true {
      work.wait()
      _ = hurry.wait(timeout: .now() + Self.gathering)
      // Said before the lines are taken: a line that comes after the taking wakes the writer again.
      let isClosed = pending.withLock { pending in
        pending.writerSleeps = true
        return pending.isClosed
      }
      flush()
      if isClosed { return }
    }
  }

  private func take() -> (bytes: [UInt8], droppedLines: Int) {
    pending.withLock { pending in
      let bytes = pending.bytes
      let droppedLines = pending.droppedLines
      pending.bytes = []
      pending.bytes.reserveCapacity(min(bytes.count, Self.keptCapacity))
      pending.droppedLines = 0
      return (bytes, droppedLines)
    }
  }

  private func append(droppedLines count: Int, to bytes: inout [UInt8]) {
    switch format {
    case .text:
      bytes.append(Timestamp.now)
      bytes.append(literal: " WARNING log lines dropped count=")
      bytes.append(decimal: count)
    case .json:
      bytes.append(literal: "{\"time\":\"")
      bytes.append(Timestamp.now)
      bytes.append(literal: "\",\"level\":\"warning\",\"message\":\"log lines dropped\",\"count\":")
      bytes.append(decimal: count)
      bytes.append(literal: "}")
    }
    bytes.append(UInt8(ascii: "\n"))
  }

  /// Writes all of `bytes` and returns how many lines were lost because the descriptor takes no more.
  private func write(_ bytes: [UInt8], to descriptor: FileDescriptor) -> Int {
    var rest = bytes[...]
    while !rest.isEmpty {
      do {
        rest.removeFirst(try rest.withUnsafeBytes { try descriptor.write($0) })
      } catch Errno.wouldBlock {
        // Standard error may share a non-blocking description with another process.
        var wanted = pollfd(fd: descriptor.rawValue, events: Int16(POLLOUT), revents: 0)
        poll(&wanted, 1, -1)
      } catch {
        // There is nowhere left to report to; the count is told when the descriptor works again.
        return rest.count { $0 == UInt8(ascii: "\n") }
      }
    }
    return 0
  }
}
