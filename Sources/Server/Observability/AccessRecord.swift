import Logging
public import OCI

/// One request, for the access log. What came from the client may be hostile: it is escaped and shortened when written.
public struct AccessRecord: Sendable {
  /// When the request came.
  public var time: Timestamp
  /// Address and port of the client; its address alone where a trusted proxy tells it.
  public var remoteAddress: String
  /// Who asked, when somebody was shown.
  public var user: String?
  /// The method as it was sent.
  public var method: String
  /// Path and query as they were sent.
  public var target: String
  /// The status that was answered.
  public var status: Int
  /// Bytes of the request's body that were read.
  public var bytesIn: Int
  /// Bytes of the response's body that were sent.
  public var bytesOut: Int
  /// From the head of the request to the end of the response.
  public var duration: Duration
  /// What the request was for.
  public var route: RouteName
  /// The `User-Agent` field, when there was one.
  public var userAgent: String?
  /// The id that other log lines about this request have.
  public var requestID: String

  /// A record of one request.
  public init(
    time: Timestamp, remoteAddress: String, user: String?, method: String, target: String, status: Int, bytesIn: Int,
    bytesOut: Int,
    duration: Duration, route: RouteName, userAgent: String?, requestID: String
  ) {
    self.time = time
    self.remoteAddress = remoteAddress
    self.user = user
    self.method = method
    self.target = target
    self.status = status
    self.bytesIn = bytesIn
    self.bytesOut = bytesOut
    self.duration = duration
    self.route = route
    self.userAgent = userAgent
    self.requestID = requestID
  }
}

extension LogSink {
  /// Takes a line about a request.
  public func access(_ record: AccessRecord, format: LogFormat) {
    line { line in
      switch format {
      case .text: record.append(asTextTo: &line)
      case .json: record.append(asJSONTo: &line)
      }
    }
  }
}

extension AccessRecord {
  /// The most bytes of a field from the client that a line shows.
  private static let fieldLimit = 2048

  fileprivate func append(asTextTo line: inout [UInt8]) {
    line.append(time)
    line.append(literal: " ")
    line.append(paddedName: .info)
    line.append(literal: " ")
    line.append(value: method, limit: Self.fieldLimit)
    line.append(literal: " ")
    line.append(value: target, limit: Self.fieldLimit)
    line.append(literal: " ")
    line.append(decimal: status)
    line.append(literal: " duration=")
    line.append(millisecondsOf: duration)
    line.append(literal: "ms in=")
    line.append(decimal: bytesIn)
    line.append(literal: " out=")
    line.append(decimal: bytesOut)
    line.append(literal: " route=")
    line.append(plainText: route.rawValue)
    line.append(literal: " remote=")
    line.append(value: remoteAddress, limit: Self.fieldLimit)
    if let user {
      line.append(literal: " user=")
      line.append(value: user, limit: Self.fieldLimit)
    }
    line.append(literal: " request=")
    line.append(value: requestID, limit: Self.fieldLimit)
    if let userAgent {
      line.append(literal: " agent=")
      line.append(quotedText: userAgent, limit: Self.fieldLimit)
    }
  }

  fileprivate func append(asJSONTo line: inout [UInt8]) {
    line.append(literal: "{\"time\":\"")
    line.append(time)
    line.append(literal: "\",\"level\":\"info\",\"message\":\"request\",\"method\":")
    line.append(quotedText: method, limit: Self.fieldLimit)
    line.append(literal: ",\"target\":")
    line.append(quotedText: target, limit: Self.fieldLimit)
    line.append(literal: ",\"status\":")
    line.append(decimal: status)
    line.append(literal: ",\"duration_ms\":")
    line.append(millisecondsOf: duration)
    line.append(literal: ",\"bytes_in\":")
    line.append(decimal: bytesIn)
    line.append(literal: ",\"bytes_out\":")
    line.append(decimal: bytesOut)
    line.append(literal: ",\"route\":\"")
    line.append(plainText: route.rawValue)
    line.append(literal: "\",\"remote\":")
    line.append(quotedText: remoteAddress, limit: Self.fieldLimit)
    if let user {
      line.append(literal: ",\"user\":")
      line.append(quotedText: user, limit: Self.fieldLimit)
    }
    line.append(literal: ",\"request\":")
    line.append(quotedText: requestID, limit: Self.fieldLimit)
    if let userAgent {
      line.append(literal: ",\"agent\":")
      line.append(quotedText: userAgent, limit: Self.fieldLimit)
    }
    line.append(literal: "}")
  }
}
