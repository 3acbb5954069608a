import Foundation
import OCI
import Testing

@testable import Server

@Suite("Access log")
struct AccessRecordTests {
  private func record(
    target: String = "/v2/a/manifests/1", user: String? = nil, agent: String? = "docker/20.10"
  ) -> AccessRecord {
    AccessRecord(
      time: Timestamp(milliseconds: 0), remoteAddress: "127.0.0.1:4444", user: user, method: "GET", target: target,
      status: 200,
      bytesIn: 0, bytesOut: 528, duration: .microseconds(231), route: .manifest, userAgent: agent, requestID: "7f")
  }

  private func line(_ record: AccessRecord, _ format: LogFormat) throws -> String {
    let capture = try LogCapture(format: format)
    capture.sink.access(record, format: format)
    let lines = try capture.lines()
    #expect(lines.count == 1)
    return lines[0]
  }

  @Test("is one line of text for people")
  func text() throws {
    #expect(
      try line(record(), .text)
        == "1970-01-01T00:00:00.000Z INFO     GET /v2/a/manifests/1 200 duration=0.231ms in=0 out=528 route=manifest "
        + "remote=127.0.0.1:4444 request=7f agent=\"docker/20.10\"")
  }

  @Test("names who asked, where somebody was shown")
  func user() throws {
    #expect(try line(record(user: "alice"), .text).contains(" remote=127.0.0.1:4444 user=alice request=7f "))
    let object = try JSONSerialization.jsonObject(with: Data(line(record(user: "team+ci"), .json).utf8))
    #expect((object as? [String: Any])?["user"] as? String == "team+ci")
  }

  @Test("is one JSON object for machines")
  func json() throws {
    let object = try JSONSerialization.jsonObject(with: Data(line(record(agent: nil), .json).utf8)) as? [String: Any]
    #expect(object?["status"] as? Int == 200)
    #expect(object?["target"] as? String == "/v2/a/manifests/1")
    #expect(object?["duration_ms"] as? Double == 0.231)
    #expect(object?["bytes_out"] as? Int == 528)
    #expect(object?["agent"] == nil)
  }

  @Test("escapes and shortens what a client sent", arguments: LogFormat.allCases)
  func hostile(format: LogFormat) throws {
    let evil = "/v2/\"} \n{\"status\":200\u{1b}" + String(repeating: "a", count: 100_000)
    let text = try line(record(target: evil, agent: evil), format)
    #expect(text.utf8.count < 5_000)
    #expect(!text.utf8.contains { $0 < 0x20 })
    if format == .json {
      let object = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
      #expect((object?["target"] as? String)?.hasPrefix("/v2/\"} \n{") == true)
    }
  }
}
