import Foundation
import OCI
import Testing

@testable import Server

@Suite("Log text")
struct LogTextTests {
  private func text(_ write: (inout [UInt8]) -> Void) -> String {
    var line: [UInt8] = []
    write(&line)
    return String(decoding: line, as: UTF8.self)
  }

  @Test(
    "writes times in UTC with milliseconds",
    arguments: [
      (0, "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"), (951_782_399_999, "2000-02-28T23:59:59.999Z"),
      (951_782_400_000, "2000-02-29T00:00:00.000Z"), (1_795_177_496_789, "2026-11-20T12:24:56.789Z"),
      (4_107_542_399_000, "2100-02-28T23:59:59.000Z"), (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
    ] as [(Int64, String)])
  func times(milliseconds: Int64, expected: String) {
    #expect(text { $0.append(Timestamp(milliseconds: milliseconds)) } == expected)
  }

  @Test(
    "quotes a value unless it is one plain word",
    arguments: [
      ("word", "word"), ("", "\"\""), ("two words", "\"two words\""), ("a=b", "\"a=b\""), ("a\"b", #""a\"b""#),
      ("sha256:ab/c", "sha256:ab/c"), ("größe", "\"größe\""),
    ])
  func values(value: String, expected: String) {
    #expect(text { $0.append(value: value) } == expected)
  }

  @Test(
    "escapes what could end a line, speak to a terminal or reorder text",
    arguments: [
      ("a\nb", #"a\nb"#), ("a\r\nb", #"a\r\nb"#), ("\u{0}\t\u{7f}", #"\u0000\t\u007f"#), ("\u{1b}[2J", #"\u001b[2J"#),
      ("\u{9b}31m", #"\u009b31m"#), ("\u{202e}gnp", #"\u202egnp"#), ("a\u{2028}b", #"a\u2028b"#), ("😀 ok", "😀 ok"),
    ])
  func hostile(value: String, expected: String) {
    #expect(text { $0.append(plainText: value) } == expected)
    #expect(text { $0.append(quotedText: value) } == "\"\(expected)\"")
  }

  @Test("in quotes is JSON that reads back as it was")
  func json() throws {
    let hostile = String(String.UnicodeScalarView((0...0x2fff).compactMap(Unicode.Scalar.init))) + "😀\u{10ffff}"
    let quoted = text { $0.append(quotedText: hostile) }
    let decoded = try JSONDecoder().decode([String].self, from: Data("[\(quoted)]".utf8))
    #expect(decoded.first?.unicodeScalars.elementsEqual(hostile.unicodeScalars) == true)
  }

  @Test("is cut at its limit, never within a character")
  func limit() {
    #expect(text { $0.append(plainText: "abcdef", limit: 3) } == "abc…")
    #expect(text { $0.append(plainText: "abc", limit: 3) } == "abc")
    #expect(text { $0.append(plainText: "ab😀😀", limit: 3) } == "ab😀…")
  }

  @Test("writes numbers in digits")
  func numbers() {
    #expect(text { $0.append(decimal: 0) } == "0")
    #expect(text { $0.append(decimal: Int64.min) } == "-9223372036854775808")
    #expect(text { $0.append(millisecondsOf: .microseconds(1_234_567)) } == "1234.567")
  }
}
