import BlobStorage
import HTTPTypes
import HummingbirdCore
import NIOCore

extension Frontend {
  /// Up to which size a blob is answered from memory, in bytes: below, a file region costs more than a copy.
  private static let smallBlob: Int64 = 64 << 10

  /// How much of a blob is held at a time where the kernel cannot send it, in bytes.
  private static let pieceSize = 1 << 20

  /// Sends an answer whole.
  ///
  /// - Returns: how many bytes the body had.
  func send(
    _ answer: Answer, to request: Request, _ writer: consuming ResponseWriter, _ channel: any Channel
  ) async throws -> Int {
    var head = HTTPResponse(status: answer.status, headerFields: answer.fields)
    head.headerFields[.date] = HTTPDate.now
    if let length = answer.contentLength, head.headerFields[.contentLength] == nil,
      answer.status != .noContent, answer.status != .notModified
    {
      head.headerFields[.contentLength] = String(length)
    }
    if request.method == .head {
      if case .blob(let blob, _) = answer.body { await blob.close() }
      try await writer.writeResponse(head)
      return 0
    }
    switch answer.body {
    case .none:
      try await writer.writeResponse(head)
      return 0
    case .bytes(let buffer):
      try await writer.write(response: head, body: ResponseBody(byteBuffer: buffer))
      return buffer.readableBytes
    case .blob(let blob, let range):
      do {
        try await send(blob, range, head, writer, channel)
      } catch {
        await blob.close()
        throw error
      }
      await blob.close()
      return range.count
    case .stream(let produce):
      var body = try await writer.writeHead(head)
      var sent = 0
      try await produce { buffer in
        sent += buffer.readableBytes
        try await body.write(buffer)
      }
      try await body.finish(nil)
      return sent
    }
  }

  private func send(
    _ blob: any StoredBlob, _ range: Range<Int64>, _ head: HTTPResponse, _ writer: consuming ResponseWriter,
    _ channel: any Channel
  ) async throws {
    if range.count <= Self.smallBlob {
      let bytes = try await blob.read(from: range.lowerBound, count: range.count)
      guard bytes.readableBytes == range.count else { throw TruncatedBlob() }
      try await writer.write(response: head, body: ResponseBody(byteBuffer: bytes))
      return
    }
    var body = try await writer.writeHead(head)
    if let file = blob.file {
      try await channel.sendFile(file, from: range.lowerBound, count: Int64(range.count))
    } else {
      var offset = range.lowerBound
      while offset < range.upperBound {
        let bytes = try await blob.read(from: offset, count: min(Self.pieceSize, Int(range.upperBound - offset)))
        guard bytes.readableBytes > 0 else { throw TruncatedBlob() }
        offset += Int64(bytes.readableBytes)
        try await body.write(bytes)
      }
    }
    try await body.finish(nil)
  }
}

/// A blob that has become shorter than it was when it was opened; the connection ends, so that no client takes it as whole.
private struct TruncatedBlob: Error {}
