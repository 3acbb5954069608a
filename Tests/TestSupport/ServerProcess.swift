internal import Foundation
import Locks

/// The `berth` executable as a process of its own, which a test may kill. It ends with this object at the latest.
public final class ServerProcess: Sendable {
  /// The port it listens on.
  public let port: Int
  /// Where it listens, such as `http://127.0.0.1:40123`.
  public var url: String { "http://127.0.0.1:\(port)" }
  private let process: ChildProcess

  /// Starts `berth serve` on 127.0.0.1, and waits until it serves.
  ///
  /// - Parameters:
  ///   - data: the data folder.
  ///   - port: where to listen; 0 stands for a free port.
  ///   - settings: further flags.
  public init(data: String, port: Int = 0, settings: [String] = []) async throws {
    process = try ChildProcess(
      Self.executable, ["serve", "--listen", "127.0.0.1:\(port)", "--data", data, "--access-log", "false"] + settings)
    var said: [String] = []
    for await line in process.lines {
      said.append(line)
      guard let port = Self.port(in: line) else { continue }
      self.port = port
      return
    }
    throw CommandFailed(command: "serve", output: said.joined(separator: "\n"))
  }

  /// The line `… serving address=[IPv4]127.0.0.1/127.0.0.1:40123 data=…`.
  private static func port(in line: String) -> Int? {
    guard let start = line.range(of: " serving address="), let end = line.range(of: " data=") else { return nil }
    return line[start.upperBound..<end.lowerBound].split(separator: ":").last.flatMap { Int($0) }
  }

  /// Ends it as a crash would, by SIGKILL, and waits until it is gone.
  public func kill() async {
    process.signal(SIGKILL)
    _ = await process.exitStatus
  }

  /// Asks it to stop by SIGTERM, and waits until it is gone.
  ///
  /// - Returns: the exit status.
  public func stop() async -> Int32 {
    process.signal(SIGTERM)
    return await process.exitStatus
  }

  /// Starts `berth serve` and kills it after a time, whether it serves by then or not.
  public static func startAndKill(data: String, after delay: Duration) async throws {
    let process = try ChildProcess(executable, ["serve", "--listen", "127.0.0.1:0", "--data", data])
    try await Task.sleep(for: delay)
    process.signal(SIGKILL)
    _ = await process.exitStatus
  }

  /// Runs a command of `berth` to its end.
  public static func run(_ arguments: String...) async throws -> (status: Int32, output: String) {
    let process = try ChildProcess(executable, arguments)
    var output: [String] = []
    for await line in process.lines { output.append(line) }
    return (await process.exitStatus, output.joined(separator: "\n"))
  }

  /// `TEST_BERTH_EXECUTABLE`, or the executable that was built along with the tests.
  private static let executable: URL = {
    if let path = ProcessInfo.processInfo.environment["TEST_BERTH_EXECUTABLE"] { return URL(filePath: path) }
    return URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent().appending(path: "berth")
  }()

  private struct CommandFailed: Error, CustomStringConvertible {
    let command: String
    let output: String

    var description: String { "berth \(command) ended: \(output)" }
  }
}

/// A process of this one, with what it writes as lines.
private final class ChildProcess: Sendable {
  /// What it writes, to either output.
  let lines: AsyncStream<String>
  private let identifier: pid_t
  private let exit: Task<Int32, Never>
  /// From when on the identifier may be another process's.
  private let hasEnded = Locked(false)

  init(_ executable: URL, _ arguments: [String]) throws {
    let process = Process()
    process.executableURL = executable
    process.arguments = arguments
    let output = Pipe()
    process.standardOutput = output
    process.standardError = output
    let (lines, source) = AsyncStream.makeStream(of: String.self)
    self.lines = lines
    let (exits, exit) = AsyncStream.makeStream(of: Int32.self)
    process.terminationHandler = { [hasEnded] process in
      hasEnded.withLock { $0 = true }
      exit.yield(process.terminationStatus)
    }
    try process.run()
    identifier = process.processIdentifier
    self.exit = Task {
      for await status in exits { return status }
      return -1
    }
    let reader = Thread { Self.read(output.fileHandleForReading, into: source) }
    reader.name = "output of \(executable.lastPathComponent)"
    reader.start()
  }

  /// The status that it ends with.
  var exitStatus: Int32 {
    get async { await exit.value }
  }

  deinit {
    signal(SIGKILL)
  }

  func signal(_ number: Int32) {
    hasEnded.withLock { hasEnded in
      if !hasEnded { _ = kill(identifier, number) }
    }
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
