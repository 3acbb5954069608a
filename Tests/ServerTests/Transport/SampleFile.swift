import Foundation
import HTTPTypes
import HummingbirdCore
import NIOCore
import Testing

@testable import Server

/// A temporary file of a size, in which no two places a power of two apart are alike.
final class SampleFile: Sendable {
  let path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
  let content: Data

  init(size: Int) throws {
    let block = Data((0..<10_007).map { UInt8(truncatingIfNeeded: $0 ^ $0 >> 8) })
    var content = Data(capacity: size + block.count)
    while content.count < size { content.append(block) }
    self.content = content.prefix(size)
    try self.content.write(to: URL(fileURLWithPath: path))
  }

  /// Takes the file out of memory, where the file system can do that, so that it has to be read from disk.
  func evict() throws {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    try #require(descriptor >= 0)
    defer { close(descriptor) }
    try #require(fsync(descriptor) == 0)
    try #require(posix_fadvise(descriptor, 0, 0, CInt(POSIX_FADV_DONTNEED)) == 0)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}

func openFile(_ path: String) throws -> NIOFileHandle {
  let descriptor = open(path, O_RDONLY | O_CLOEXEC)
  try #require(descriptor >= 0)
  return NIOFileHandle(_deprecatedTakingOwnershipOfDescriptor: descriptor)
}

/// Answers `/first/count` with that part of a file.
func sendParts(
  of path: String, outcomes: Events<Result<Void, any Error>> = Events()
) -> RegistryChannel.Responder {
  { request, writer, channel in
    let numbers = request.uri.path.split(separator: "/").compactMap { Int64($0) }
    let handle = try openFile(path)
    defer { try? handle.close() }
    let head = HTTPResponse(status: .ok, headerFields: [.contentLength: String(numbers[1])])
    let body = try await writer.writeHead(head)
    do {
      try await channel.sendFile(handle, from: numbers[0], count: numbers[1])
      outcomes.record(.success(()))
    } catch {
      outcomes.record(.failure(error))
      throw error
    }
    try await body.finish(nil)
  }
}
