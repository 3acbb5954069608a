internal import Foundation
internal import Processes

/// A process of this one, with what it writes as lines.
final class ChildProcess: Sendable {
  /// What it writes, to either output.
  let lines: AsyncStream<String>
  private let program: RunningProgram
  private let exit: Task<Int32, Never>

  init(_ executable: String, _ arguments: [String]) throws {
    let output = Pipe()
    let nothing = try FileHandle(forReadingFrom: URL(filePath: "/dev/null"))
    let writing = output.fileHandleForWriting
    let program = try Program(executable, arguments, environment: ProcessInfo.processInfo.environment).start(
      input: nothing.fileDescriptor, output: writing.fileDescriptor, errors: writing.fileDescriptor)
    try writing.close()
    try nothing.close()
    self.program = program
    let (lines, source) = AsyncStream.makeStream(of: String.self)
    self.lines = lines
    let (exits, exit) = AsyncStream.makeStream(of: Int32.self)
    self.exit = Task {
      for await status in exits { return status }
      return -1
    }
    // Both wait for as long as the process lives.
    Thread.detachNewThread { exit.yield((try? program.wait()) ?? -1) }
    Thread.detachNewThread { Self.read(output.fileHandleForReading, into: source) }
  }

  /// The status that it ends with; -1 where that cannot be told.
  var exitStatus: Int32 {
    get async { await exit.value }
  }

  deinit {
    signal(SIGKILL)
  }

  func signal(_ number: Int32) {
    program.signal(number)
  }

  private static func read(_ output: FileHandle, into lines: AsyncStream<String>.Continuation) {
    var pending = Data()
    while true {
      let bytes = readAvailable(output.fileDescriptor)
      if bytes.isEmpty { break }
      pending += bytes
      while let end = pending.firstIndex(of: UInt8(ascii: "\n")) {
        lines.yield(String(decoding: pending[..<end], as: UTF8.self))
        pending = Data(pending[(end + 1)...])
      }
    }
    if !pending.isEmpty { lines.yield(String(decoding: pending, as: UTF8.self)) }
    lines.finish()
  }
}
