internal import Foundation

/// Most that has a folder has a catalogue or a whole server in it, with some dozens of open files.
private let turns = Turns(24)

/// Makes a folder, and removes it with all that is in it when `body` ends.
///
/// It waits while many tests have one.
public func withTemporaryFolder<Success>(
  isolation: isolated (any Actor)? = #isolation, _ body: (String) async throws -> Success
) async throws -> Success {
  try await turns.hold { try await withNewFolder(body) }
}

private func withNewFolder<Success>(
  isolation: isolated (any Actor)? = #isolation, _ body: (String) async throws -> Success
) async throws -> Success {
  let folder = FileManager.default.temporaryDirectory.appending(path: "berth-test-\(UUID().uuidString)").path
  try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  do {
    let success = try await body(folder)
    try FileManager.default.removeItem(atPath: folder)
    return success
  } catch {
    try? FileManager.default.removeItem(atPath: folder)
    throw error
  }
}
