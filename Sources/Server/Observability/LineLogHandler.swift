public import Logging
import OCI

/// The swift-log backend: one line for each event, as text for people or JSON for machines, into a `LogSink`.
public struct LineLogHandler: LogHandler {
  /// Metadata of every event.
  public var metadata: Logger.Metadata = [:]
  /// The least important level that is logged.
  public var logLevel: Logger.Level
  /// Metadata that is asked for at each event.
  public var metadataProvider: Logger.MetadataProvider?

  private let sink: LogSink
  private let format: LogFormat

  /// A handler that writes into `sink`.
  public init(sink: LogSink, format: LogFormat, level: Logger.Level) {
    self.sink = sink
    self.format = format
    logLevel = level
  }

  /// One value of the metadata.
  public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  /// Writes a line.
  public func log(event: LogEvent) {
    var all = metadata
    if let provided = metadataProvider?.get() { all.merge(provided) { $1 } }
    if let own = event.metadata { all.merge(own) { $1 } }
    if let error = event.error, all["error"] == nil { all["error"] = "\(error)" }
    // Formatted before the sink takes it: metadata runs code of others, and that may log.
    var line: [UInt8] = []
    let fields = all.sorted { $0.key < $1.key }
    switch format {
    case .text: Self.append(event, fields, asTextTo: &line)
    case .json: Self.append(event, fields, asJSONTo: &line)
    }
    sink.line(line)
  }

  private static func append(
    _ event: LogEvent, _ fields: [(key: String, value: Logger.MetadataValue)], asTextTo line: inout [UInt8]
  ) {
    line.append(Timestamp.now)
    line.append(UInt8(ascii: " "))
    line.append(paddedName: event.level)
    line.append(UInt8(ascii: " "))
    line.append(plainText: event.message.description)
    for (key, value) in fields {
      line.append(UInt8(ascii: " "))
      line.append(value: key)
      line.append(UInt8(ascii: "="))
      line.append(value: value.description)
    }
  }

  private static func append(
    _ event: LogEvent, _ fields: [(key: String, value: Logger.MetadataValue)], asJSONTo line: inout [UInt8]
  ) {
    line.append(literal: "{\"time\":\"")
    line.append(Timestamp.now)
    line.append(literal: "\",\"level\":")
    line.append(quotedText: event.level.rawValue)
    line.append(literal: ",\"message\":")
    line.append(quotedText: event.message.description)
    for (key, value) in fields {
      line.append(UInt8(ascii: ","))
      line.append(quotedText: ["time", "level", "message"].contains(key) ? "metadata.\(key)" : key)
      line.append(UInt8(ascii: ":"))
      line.append(json: value)
    }
    line.append(UInt8(ascii: "}"))
  }
}

extension [UInt8] {
  /// Appends the level in capitals, wide enough that messages of all levels begin in one column.
  mutating func append(paddedName level: Logger.Level) {
    switch level {
    case .trace: append(literal: "TRACE   ")
    case .debug: append(literal: "DEBUG   ")
    case .info: append(literal: "INFO    ")
    case .notice: append(literal: "NOTICE  ")
    case .warning: append(literal: "WARNING ")
    case .error: append(literal: "ERROR   ")
    case .critical: append(literal: "CRITICAL")
    }
  }

  fileprivate mutating func append(json value: Logger.MetadataValue) {
    switch value {
    case .string(let text): append(quotedText: text)
    case .stringConvertible(let convertible): append(quotedText: convertible.description)
    case .array(let values):
      append(UInt8(ascii: "["))
      for (index, value) in values.enumerated() {
        if index > 0 { append(UInt8(ascii: ",")) }
        append(json: value)
      }
      append(UInt8(ascii: "]"))
    case .dictionary(let values):
      append(UInt8(ascii: "{"))
      for (index, (key, value)) in values.sorted(by: { $0.key < $1.key }).enumerated() {
        if index > 0 { append(UInt8(ascii: ",")) }
        append(quotedText: key)
        append(UInt8(ascii: ":"))
        append(json: value)
      }
      append(UInt8(ascii: "}"))
    }
  }
}
