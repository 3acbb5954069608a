import Access
import HTTPTypes
import HummingbirdCore
import NIOCore
import OCI

/// Writes a line for each request that was answered.
final class AccessLog: Sendable {
  private let sink: LogSink
  private let format: LogFormat

  init(sink: LogSink, format: LogFormat) {
    self.sink = sink
    self.format = format
  }

  func write(
    _ request: Request, _ note: RequestNote, from channel: any Channel, status: Int, bytesIn: Int, bytesOut: Int,
    duration: Duration
  ) {
    let peer = channel.remoteAddress
    // A proxy's port says nothing about the client behind it.
    let isDirect = ClientAddress(peer) == note.origin.address
    let remote = isDirect ? peer?.hostAndPort ?? "-" : note.origin.address.description

    sink.access(
      AccessRecord(
        time: .now, remoteAddress: remote, user: note.user, method: request.method.rawValue,
        target: request.head.path ?? "", status: status, bytesIn: bytesIn, bytesOut: bytesOut, duration: duration,
        route: note.route, userAgent: request.headers[.userAgent], requestID: String(note.number)),
      format: format)
  }
}
