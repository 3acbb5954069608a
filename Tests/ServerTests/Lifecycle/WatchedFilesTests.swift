import Foundation
import Logging
import TestSupport
import Testing

@testable import Server

@Suite("Files that are watched")
struct WatchedFilesTests {
  private struct NotANumber: Error {}

  private static let logger = Logger(label: "files", factory: { _ in SwiftLogNoOpLogHandler() })

  private static func number(
    in path: String, every interval: Duration = .seconds(3600)
  ) async throws -> WatchedFiles<Int> {
    try await WatchedFiles(path, every: interval, logger: logger) { bytes in
      guard let number = Int(String(decoding: bytes, as: UTF8.self)) else { throw NotANumber() }
      return number
    }
  }

  private static func write(_ text: String, to path: String) throws {
    try Data(text.utf8).write(to: URL(filePath: path), options: .atomic)
  }

  @Test("are read again when they change, and the last good value stays")
  func changes() async throws {
    try await withTemporaryFolder { folder in
      let path = "\(folder)/number"
      try Self.write("1", to: path)
      let number = try await Self.number(in: path)
      #expect(number.value == 1)
      try Self.write("2", to: path)
      #expect(number.value == 1, "nobody has looked")
      await number.look()
      #expect(number.value == 2)
      try Self.write("three", to: path)
      await number.look()
      #expect(number.value == 2)
      try FileManager.default.removeItem(atPath: path)
      await number.look()
      #expect(number.value == 2)
      try Self.write("4", to: path)
      await number.look()
      #expect(number.value == 4)
    }
  }

  @Test("are followed through links, as those that a cluster mounts")
  func links() async throws {
    try await withTemporaryFolder { folder in
      for name in ["1", "2"] { try Self.write(name, to: "\(folder)/\(name)") }
      let path = "\(folder)/number"
      try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "\(folder)/1")
      let number = try await Self.number(in: path)
      try FileManager.default.removeItem(atPath: path)
      try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "\(folder)/2")
      await number.look()
      #expect(number.value == 2)
    }
  }

  @Test("have to make a value in the beginning")
  func beginning() async throws {
    try await withTemporaryFolder { folder in
      let path = "\(folder)/number"
      let error = await #expect(throws: UnreadableFile.self) { try await Self.number(in: path) }
      #expect(error?.description == "\(path) cannot be read: No such file or directory")
      try Self.write("one", to: path)
      await #expect(throws: NotANumber.self) { try await Self.number(in: path) }
    }
  }

  @Test("are looked at as long as the service runs")
  func running() async throws {
    try await withTemporaryFolder { folder in
      let path = "\(folder)/number"
      try Self.write("1", to: path)
      let number = try await Self.number(in: path, every: .milliseconds(1))
      let running = Task { try await number.run() }
      try Self.write("2", to: path)
      while number.value == 1 { await shortPause() }
      running.cancel()
      try await running.value
      #expect(number.value == 2)
    }
  }
}
