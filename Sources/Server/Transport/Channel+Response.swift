import HTTPTypes
import HummingbirdCore
import NIOCore

/// Asks the connection to send a part of a file as the body of the response whose head has been written.
struct SendFile: Sendable {
  let handle: NIOFileHandle
  let offset: Int64
  let count: Int64
}

/// Tells the connection that the body of the request is about to be read.
struct AcceptBody: Sendable {}

extension Channel {
  /// Sends bytes of an open file as the body of the response whose head has been written.
  ///
  /// To be called after `ResponseWriter.writeHead` with a `Content-Length` of `count`, and followed by `finish`.
  /// The handle stays the caller's, to be closed when this has returned or thrown.
  ///
  /// - Parameters:
  ///   - handle: a file open for reading.
  ///   - offset: the first byte to send.
  ///   - count: the number of bytes to send.
  /// - Throws: ``FileTransferError`` or a `ChannelError` or `IOError` when not all could be sent; the connection is
  ///   closed then.
  func sendFile(_ handle: NIOFileHandle, from offset: Int64, count: Int64) async throws {
    precondition(offset >= 0 && count >= 0, "a file region begins and ends inside the file")
    try await triggerUserOutboundEvent(SendFile(handle: handle, offset: offset, count: count)).get()
  }

  /// Says that the body of `request` is about to be read, which sends the `100 Continue` that its client waits for.
  ///
  /// To be called when nothing but the body can lead to a refusal any more. Does nothing for most requests.
  func acceptBody(of request: Request) {
    guard request.headers[.expect] != nil else { return }
    triggerUserOutboundEvent(AcceptBody(), promise: nil)
  }
}
