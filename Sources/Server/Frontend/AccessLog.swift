import HTTPTypes
import HummingbirdCore
import NIOCore
import OCI
import Synchronization

/// Writes a line for each request that was answered.
final class AccessLog: Sendable {
  private let sink: LogSink
  private let format: LogFormat
  private let requests = Atomic<UInt64>(0)

  init(sink: LogSink, format: LogFormat) {
    self.sink = sink
    self.format = format
  }

  func write(
    _ request: Request, from channel: any Channel, route: RouteName, status: Int, bytesIn: Int, bytesOut: Int,
    duration: Duration
  ) {
    let number = requests.add(1, ordering: .relaxed).newValue
    sink.access(
      AccessRecord(
        time: .now, remoteAddress: Self.address(of: channel), method: request.method.rawValue,
        target: request.head.path ?? "", status: status, bytesIn: bytesIn, bytesOut: bytesOut, duration: duration,
        route: route, userAgent: request.headers[.userAgent], requestID: String(number)),
      format: format)
  }

  private static func address(of channel: any Channel) -> String {
    guard let address = channel.remoteAddress, let host = address.ipAddress else { return "-" }
    return "\(host):\(address.port ?? 0)"
  }
}
