internal import Foundation
import Processes

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
      Program.berth, ["serve", "--listen", "127.0.0.1:\(port)", "--data", data, "--access-log", "false"] + settings)
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
    let process = try ChildProcess(Program.berth, ["serve", "--listen", "127.0.0.1:0", "--data", data])
    try await Task.sleep(for: delay)
    process.signal(SIGKILL)
    _ = await process.exitStatus
  }

  /// Runs a command of `berth` to its end.
  public static func run(_ arguments: String...) async throws -> (status: Int32, output: String) {
    let process = try ChildProcess(Program.berth, arguments)
    var output: [String] = []
    for await line in process.lines { output.append(line) }
    return (await process.exitStatus, output.joined(separator: "\n"))
  }

  private struct CommandFailed: Error, CustomStringConvertible {
    let command: String
    let output: String

    var description: String { "berth \(command) ended: \(output)" }
  }
}
