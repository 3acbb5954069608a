import Foundation
import SystemPackage
import Testing

@testable import Server

@Suite("Log sink")
struct LogSinkTests {
  @Test("writes every line, in order, when it is closed")
  func order() throws {
    let capture = try LogCapture()
    for number in 0..<20_000 { capture.sink.line { $0.append(decimal: number) } }
    let lines = try capture.lines()
    #expect(lines == (0..<20_000).map(String.init))
  }

  @Test("never mixes the lines of several threads")
  func threads() async throws {
    let capture = try LogCapture()
    await withTaskGroup { group in
      for writer in 0..<8 {
        group.addTask {
          for _ in 0..<500 { capture.sink.line(Array(repeating: UInt8(ascii: "a") + UInt8(writer), count: 100)) }
        }
      }
    }
    let lines = try capture.lines()
    #expect(lines.count == 4_000)
    #expect(lines.allSatisfy { $0.utf8.count == 100 && Set($0.utf8).count == 1 })
  }

  @Test("writes without being asked to")
  func writesAlone() throws {
    let (output, input) = try FileDescriptor.pipe()
    let sink = LogSink(input)
    sink.line(Array("hello".utf8))
    var bytes = [UInt8](repeating: 0, count: 6)
    // The read returns when the sink's own thread has written.
    let count = try bytes.withUnsafeMutableBytes { try output.read(into: $0) }
    #expect(bytes[..<count].elementsEqual("hello\n".utf8))
    sink.close()
    try input.close()
    try output.close()
  }

  @Test("drops lines that do not fit and says how many", arguments: LogFormat.allCases)
  func full(format: LogFormat) throws {
    let capture = try LogCapture(format: format, capacity: 100)
    capture.sink.line(Array(repeating: UInt8(ascii: "x"), count: 200))
    capture.sink.line(Array(repeating: UInt8(ascii: "y"), count: 300))
    capture.sink.flush()
    capture.sink.line(Array("after".utf8))
    let lines = try capture.lines()
    // The sink's own thread may have told of the first before the second came.
    let told = lines.compactMap { $0.firstMatch(of: /log lines dropped.*?(\d+)/) }.compactMap { Int($0.output.1) }
    #expect(told.reduce(0, +) == 2)
    #expect(lines.last == "after")
    #expect(!lines.contains { $0.contains("xx") || $0.contains("yy") })
  }

  @Test("takes no line after it was closed")
  func closed() throws {
    let capture = try LogCapture()
    capture.sink.line(Array("before".utf8))
    capture.sink.close()
    capture.sink.line(Array("after".utf8))
    #expect(try capture.lines() == ["before"])
  }
}
