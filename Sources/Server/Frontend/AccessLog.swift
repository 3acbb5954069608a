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
    _ request: Request, from channel: any Channel, number: UInt64, route: RouteName, status: Int, bytesIn: Int,
    bytesOut: Int, duration: Duration
  ) {
    sink.access(
      AccessRecord(
        time: .now, remoteAddress: channel.remoteAddress?.hostAndPort ?? "-", method: request.method.rawValue,
        target: request.head.path ?? "", status: status, bytesIn: bytesIn, bytesOut: bytesOut, duration: duration,
        route: route, userAgent: request.headers[.userAgent], requestID: String(number)),
      format: format)
  }
}
