/// The limits of one client connection.
struct TransportConfiguration: Sendable {
  /// Bytes that a request line and its header fields may have together.
  var maxHeaderSize = 64 * 1024

  /// How long a connection may wait for its next request.
  var idleTimeout: Duration = .seconds(75)

  /// How long a client may make no progress while it is the one to act: between the first byte and the end of a
  /// request head, between two bytes of a request body, and between two bytes of a response that it takes.
  var stallTimeout: Duration = .seconds(60)

  /// Bytes of a request body that are read and thrown away after a response that did not wait for them.
  var drainLimit = 256 * 1024

  /// How long a connection stays half-open after its last response, so that the client can read it.
  var lingerTimeout: Duration = .seconds(5)
}
