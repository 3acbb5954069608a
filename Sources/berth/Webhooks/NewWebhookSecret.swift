import Foundation
import NIOPosix

/// Where the secret of a webhook comes from.
enum NewWebhookSecret {
  /// 256 bits of the system's generator, in hexadecimal digits.
  static func random() -> String {
    (0..<32).map { _ in
      let byte = UInt8.random(in: .min ... .max)
      return (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }.joined()
  }

  /// The one line of standard input.
  static func fromInput() async throws -> String {
    try await NIOThreadPool.singleton.runIfActive {
      let input = try FileHandle.standardInput.readToEnd() ?? Data()
      guard var text = String(validating: input, as: UTF8.self) else { throw CommandFailure("the secret is not UTF-8") }
      if text.hasSuffix("\r\n") || text.hasSuffix("\n") { text.removeLast() }
      return text
    }
  }
}
