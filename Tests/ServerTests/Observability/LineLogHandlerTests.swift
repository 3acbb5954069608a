import Foundation
import Logging
import Testing

@testable import Server

@Suite("Log handler")
struct LineLogHandlerTests {
  private struct Failure: Error {}

  private func lines(_ format: LogFormat, level: Logger.Level = .info, _ log: (inout Logger) -> Void) throws -> [String]
  {
    let capture = try LogCapture(format: format)
    var logger = Logger(label: "test") { _ in LineLogHandler(sink: capture.sink, format: format, level: level) }
    log(&logger)
    return try capture.lines()
  }

  @Test("writes text for people, metadata in order")
  func text() throws {
    let lines = try lines(.text) { logger in
      logger[metadataKey: "b"] = "two words"
      logger.info("started", metadata: ["a": "1", "c": ["x", "y"]])
    }
    let line = try #require(lines.first)
    #expect(
      line.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z INFO     started a=1 b="two words" c=.*/) != nil)
  }

  @Test("writes one JSON object a line for machines")
  func json() throws {
    let lines = try lines(.json) { logger in
      logger.warning(
        "a \"quote\"", metadata: ["level": "mine", "list": ["x", ["k": "v"]], "n": .stringConvertible(3)])
    }
    let object = try JSONSerialization.jsonObject(with: Data(lines[0].utf8)) as? [String: Any]
    #expect(object?["level"] as? String == "warning")
    #expect(object?["message"] as? String == "a \"quote\"")
    #expect(object?["metadata.level"] as? String == "mine")
    #expect(object?["n"] as? String == "3")
    #expect((object?["list"] as? [Any])?.count == 2)
  }

  @Test("lets no message, key or value make another line", arguments: LogFormat.allCases)
  func injection(format: LogFormat) throws {
    let evil = "x\n2026-11-20T12:34:56.789Z INFO forged\r\u{1b}[0m\u{2028}"
    let lines = try lines(format) {
      $0.info("\(evil)", metadata: [evil: .string(evil), "d": [evil: .array([.string(evil)])]])
    }
    #expect(lines.count == 1)
    #expect(!lines[0].unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x2028 })
  }

  @Test("keeps what is below its level to itself, and writes errors")
  func level() throws {
    let lines = try lines(.text, level: .error) { logger in
      logger.info("quiet")
      logger.error("failed", error: Failure())
    }
    #expect(lines.count == 1)
    #expect(lines[0].hasSuffix("ERROR    failed error=Failure()"))
  }
}
