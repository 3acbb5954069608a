import Foundation
import TestSupport

/// A registry that is no berth: it has `/v2/`, wants a name and a password by Basic, and nothing else.
///
/// The descriptor and the port do not change, and what the requests were is appended to a file by the one thread that
/// serves them, so that instances can be shared.
final class ForeignRegistry: Sendable {
  /// The port on 127.0.0.1.
  let port: UInt16
  private let listener: Int32
  private let requests: String

  /// Begins to serve.
  ///
  /// - Parameters:
  ///   - authorization: the value of `Authorization` that is let in.
  ///   - folder: an empty folder, or one in which other files are.
  init(authorization: String, folder: String) throws {
    requests = "\(folder)/requests"
    try Data().write(to: URL(filePath: requests))
    let socket = Foundation.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        bind(socket, address, length) == 0 && listen(socket, 8) == 0 && getsockname(socket, address, &length) == 0
      }
    }
    guard isBound else { throw POSIXError(.EADDRINUSE) }
    listener = socket
    port = UInt16(bigEndian: address.sin_port)
    Thread { [listener, requests] in
      while true {
        let connection = accept(listener, nil, nil)
        if connection < 0 && errno == EINTR { continue }
        guard connection >= 0 else { break }
        Self.serve(connection, authorization: authorization, log: requests)
        close(connection)
      }
      close(listener)
    }.start()
  }

  deinit { shutdown(listener, Int32(SHUT_RDWR)) }

  /// The requests so far: the method, the path and the value of `Authorization`, or `-`.
  var log: [String] {
    get throws { try String(contentsOfFile: requests, encoding: .utf8).split(separator: "\n").map(String.init) }
  }

  private static func serve(_ connection: Int32, authorization: String, log: String) {
    var head = ""
    while !head.contains("\r\n\r\n") {
      let bytes = readAvailable(connection)
      guard !bytes.isEmpty else { return }
      head += String(decoding: bytes, as: UTF8.self)
    }
    let lines = head.components(separatedBy: "\r\n")
    let line = lines[0].components(separatedBy: " ")
    let field = lines.first { $0.lowercased().hasPrefix("authorization: ") }
    let shown = field.map { String($0.dropFirst("authorization: ".count)) } ?? "-"
    if let file = FileHandle(forWritingAtPath: log) {
      file.seekToEndOfFile()
      file.write(Data("\(line[0]) \(line[1]) \(shown)\n".utf8))
    }
    let answer =
      switch (line[1], shown) {
      case ("/v2/", authorization): "200 OK\r\n"
      case ("/v2/", _): "401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"foreign\"\r\n"
      default: "404 Not Found\r\nContent-Type: text/html\r\n"
      }
    let bytes = Array("HTTP/1.1 \(answer)Content-Length: 2\r\nConnection: close\r\n\r\n{}".utf8)
    _ = send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL))
  }
}
