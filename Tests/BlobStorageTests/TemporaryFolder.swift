import Foundation
import TestSupport

/// A folder for one test, with what a test does to files in it; paths are relative to it.
struct TemporaryFolder: Sendable {
  let path: String

  func names(in folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: full(folder))
  }

  func read(_ file: String) throws -> String {
    try String(contentsOfFile: full(file), encoding: .utf8)
  }

  func write(_ text: String, to file: String) throws {
    try text.write(toFile: full(file), atomically: false, encoding: .utf8)
  }

  func remove(_ item: String) throws {
    try FileManager.default.removeItem(atPath: full(item))
  }

  func makeFolder(_ folder: String) throws {
    try FileManager.default.createDirectory(atPath: full(folder), withIntermediateDirectories: true)
  }

  func link(_ file: String, as name: String) throws {
    try FileManager.default.linkItem(atPath: full(file), toPath: full(name))
  }

  func symbolicLink(_ name: String, to target: String) throws {
    try FileManager.default.createSymbolicLink(atPath: full(name), withDestinationPath: target)
  }

  func makePipe(_ name: String) throws {
    guard mkfifo(full(name), 0o600) == 0 else { throw POSIXError(.EIO) }
  }

  func status(of file: String) throws -> (links: Int, permissions: Int) {
    let attributes = try FileManager.default.attributesOfItem(atPath: full(file))
    return (attributes[.referenceCount] as? Int ?? 0, attributes[.posixPermissions] as? Int ?? 0)
  }

  /// The files inside the folder that this process holds open, removed ones too.
  func openFiles() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")
      .compactMap { try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)") }
      .filter { $0.hasPrefix(path + "/") }
  }

  private func full(_ relative: String) -> String { "\(path)/\(relative)" }
}

func withFolder(_ body: (TemporaryFolder) async throws -> Void) async throws {
  try await withTemporaryFolder { try await body(TemporaryFolder(path: $0)) }
}

func withSmallDisk(mebibytes: Int, _ body: (TemporaryFolder) async throws -> Void) async throws {
  try await SmallDisk.with(mebibytes: mebibytes) { try await body(TemporaryFolder(path: $0)) }
}
