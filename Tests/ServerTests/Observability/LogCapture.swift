import Foundation
import SystemPackage

@testable import Server

/// A sink that writes into a file of its own, and what came out of it.
struct LogCapture {
  let sink: LogSink
  private let path: FilePath
  private let file: FileDescriptor

  init(format: LogFormat = .text, capacity: Int = 4 << 20) throws {
    path = FilePath(FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).log").path())
    file = try FileDescriptor.open(
      path, .writeOnly, options: [.create, .exclusiveCreate], permissions: .ownerReadWrite)
    sink = LogSink(file, format: format, capacity: capacity)
  }

  /// Closes the sink and returns its lines.
  func lines() throws -> [String] {
    sink.close()
    try file.close()
    defer { try? FileManager.default.removeItem(atPath: path.string) }
    return try String(contentsOfFile: path.string, encoding: .utf8).split(separator: "\n").map(String.init)
  }
}
