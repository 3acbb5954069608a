import Dispatch
import Foundation
import Glibc
import NIOCore
import NIOPosix

/// A blocking TCP client that sends and receives bytes as they are, for dialogues that no HTTP client would have.
final class RawClient {
  private let descriptor: CInt
  private var received: [UInt8] = []

  /// Threads for the dialogues, so that none blocks the server under test.
  private static let threads: NIOThreadPool = {
    let threads = NIOThreadPool(numberOfThreads: 16)
    threads.start()
    return threads
  }()

  /// A receive that takes this long fails the test instead of hanging it.
  ///
  /// Seconds and microseconds, as `timeval` has them; that type's members are not visible to every build.
  private static let patience = (30, 0)

  struct SystemError: Error {
    let call: String
    let code: CInt
  }

  /// What came to an end before it was whole.
  struct UnexpectedEnd: Error {
    let received: String
  }

  private init(port: Int, receiveBuffer: CInt?) throws {
    descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { throw SystemError(call: "socket", code: errno) }
    if var size = receiveBuffer {
      setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<CInt>.size))
    }
    var patience = Self.patience
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<(Int, Int)>.size))
    setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<(Int, Int)>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard result == 0 else {
      // Everything is initialized by now, so `deinit` runs and closes the descriptor.
      throw SystemError(call: "connect", code: errno)
    }
  }

  deinit { Glibc.close(descriptor) }

  /// Runs a dialogue with the server at `port`; the connection ends with it.
  static func talk<Result: Sendable>(
    to port: Int, receiveBuffer: CInt? = nil, _ dialogue: @escaping @Sendable (RawClient) throws -> Result
  ) async throws -> Result {
    try await threads.runIfActive { try dialogue(RawClient(port: port, receiveBuffer: receiveBuffer)) }
  }

  func send(_ text: String) throws { try send(Array(text.utf8)) }

  func send(_ bytes: [UInt8]) throws {
    var sent = 0
    while sent < bytes.count {
      let count = bytes.withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress! + sent, bytes.count - sent, CInt(truncatingIfNeeded: MSG_NOSIGNAL))
      }
      guard count > 0 else { throw SystemError(call: "send", code: errno) }
      sent += count
    }
  }

  func closeOutput() { shutdown(descriptor, CInt(SHUT_WR)) }

  /// Closes with a reset instead of an orderly end.
  func reset() {
    var linger = linger(l_onoff: 1, l_linger: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
  }

  /// Receives some bytes, or none at the end of the connection.
  func receive() throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    let count = recv(descriptor, &bytes, bytes.count, 0)
    guard count >= 0 else { throw SystemError(call: "recv", code: errno) }
    return Array(bytes.prefix(count))
  }

  /// Everything until the server closes its side.
  func receiveToEnd() throws -> String {
    String(decoding: try receiveBytesToEnd(), as: UTF8.self)
  }

  func receiveBytesToEnd() throws -> [UInt8] {
    while true {
      let bytes = try receive()
      guard !bytes.isEmpty else { break }
      received += bytes
    }
    defer { received.removeAll() }
    return received
  }

  /// The bytes up to and with the end of a response head.
  func receiveHead() throws -> String {
    let end = Array("\r\n\r\n".utf8)
    var position = 0
    while true {
      while position + end.count <= received.count {
        if received[position..<position + end.count].elementsEqual(end) {
          defer { received.removeFirst(position + end.count) }
          return String(decoding: received.prefix(position + end.count), as: UTF8.self)
        }
        position += 1
      }
      let bytes = try receive()
      guard !bytes.isEmpty else { throw UnexpectedEnd(received: String(decoding: received, as: UTF8.self)) }
      received += bytes
    }
  }

  func receive(count: Int) throws -> [UInt8] {
    while received.count < count {
      let bytes = try receive()
      guard !bytes.isEmpty else { throw UnexpectedEnd(received: "\(received.count) of \(count) bytes") }
      received += bytes
    }
    defer { received.removeFirst(count) }
    return Array(received.prefix(count))
  }

  /// A response with a `Content-Length`, whole.
  func receiveResponse() throws -> (head: String, body: String) {
    let head = try receiveHead()
    let length = head.split(separator: "\r\n").compactMap { line -> Int? in
      let parts = line.split(separator: ":", maxSplits: 1)
      guard parts.count == 2, parts[0].lowercased() == "content-length" else { return nil }
      return Int(parts[1].trimmingCharacters(in: .whitespaces))
    }
    return (head, String(decoding: try receive(count: length.first ?? 0), as: UTF8.self))
  }
}

/// Lets a dialogue, which has a thread of its own, wait for something that happens on the server.
func waitFromThread(for operation: @escaping @Sendable () async -> Void) {
  let semaphore = DispatchSemaphore(value: 0)
  Task {
    await operation()
    semaphore.signal()
  }
  semaphore.wait()
}
