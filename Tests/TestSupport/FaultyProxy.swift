internal import AsyncHTTPClient
internal import Locks
internal import NIOCore
public import NIOHTTP1

/// Stands between a client and a server, and does to their messages what bad networks and busy servers do.
public struct FaultyProxy: Sendable {
  /// What is done to a request and its answer.
  public enum Fault: Sendable {
    /// Both pass as they are.
    case none
    /// The request is answered with a status, and does not reach the server.
    case status(Int, [(String, String)] = [])
    /// The connection is closed before an answer.
    case cut
    /// The connection is closed when so many bytes of the request's body have passed.
    case cutRequest(after: Int)
    /// The connection is closed when so many bytes of the answer's body have passed.
    case cutAnswer(after: Int)
    /// The answer comes so much later.
    case delayAnswer(Duration)
    /// Nothing comes any more when so many bytes of the answer's body have passed, and the connection stays.
    case stallAnswer(after: Int)
    /// A byte of the answer's body is changed; the offset is that in the body.
    case corruptAnswer(at: Int)
    /// A byte of the request's body is changed.
    case corruptRequest(at: Int)
    /// The request loses a header field.
    case withoutRequestHeader(String)
    /// The answer loses a header field.
    case withoutAnswerHeader(String)
    /// The connection is closed when the server has answered, and the answer is lost.
    case loseAnswer
  }

  /// A request that passed, or did not.
  public struct Exchange: Sendable {
    /// The method.
    public let method: HTTPMethod
    /// The path with its query.
    public let target: String
    /// The header fields of the request.
    public let headers: HTTPHeaders
    /// How many requests with the same method and the same path came before it.
    public let earlier: Int
  }

  private struct Log {
    var exchanges: [Exchange] = []
    var answered = 0
    var requested = 0
  }

  /// The port it listens on.
  public let port: Int
  private let log: Locked<Log>

  /// The requests that came so far.
  public var exchanges: [Exchange] { log.withLock { $0.exchanges } }
  /// How many bytes of bodies went to clients.
  public var answeredBytes: Int { log.withLock { $0.answered } }
  /// How many bytes of bodies came from clients.
  public var requestedBytes: Int { log.withLock { $0.requested } }

  /// Serves for as long as `body` runs.
  ///
  /// - Parameters:
  ///   - upstream: the server, such as `http://127.0.0.1:5000`.
  ///   - fault: decides what is done to a request and its answer.
  public static func run<Success>(
    to upstream: String, fault: @escaping @Sendable (Exchange) -> Fault = { _ in .none },
    isolation: isolated (any Actor)? = #isolation, _ body: (FaultyProxy) async throws -> Success
  ) async throws -> Success {
    let log = Locked(Log())
    return try await TestListener.run { requests, answers in
      while case .head(let head)? = try await requests.next() {
        let path = head.uri.prefix { $0 != "?" }
        let exchange = log.withLock { log in
          let earlier = log.exchanges.count { $0.method == head.method && $0.target.prefix { $0 != "?" } == path }
          let exchange = Exchange(method: head.method, target: head.uri, headers: head.headers, earlier: earlier)
          log.exchanges.append(exchange)
          return exchange
        }
        let passage = Passage(upstream: upstream, head: head, fault: fault(exchange), log: log)
        try await passage.run(&requests, answers)
      }
    } _: { port in
      try await body(FaultyProxy(port: port, log: log))
    }
  }

  private struct Broken: Error {}

  /// The way of one request to the server, and of its answer back.
  private struct Passage: Sendable {
    let upstream: String
    let head: HTTPRequestHead
    let fault: Fault
    let log: Locked<Log>

    func run(_ requests: inout TestListener.Requests, _ answers: TestListener.Answers) async throws {
      if case .status(let status, let headers) = fault {
        while case .body? = try await requests.next() {}
        var fields = HTTPHeaders(headers)
        fields.add(name: "Content-Length", value: "0")
        try await answers.write(.head(.init(version: .http1_1, status: .init(statusCode: status), headers: fields)))
        return try await answers.write(.end(nil))
      }
      let (pieces, feed) = AsyncThrowingStream<ByteBuffer, any Error>.makeStream()
      let window = Window()
      async let answer = execute(pieces, window)
      do {
        try await take(&requests, feed, window)
      } catch {
        feed.finish(throwing: error)
        do {
          _ = try await answer
        } catch {
          // The request has failed by now, as it should.
        }
        throw error
      }
      if case .cut = fault { throw Broken() }
      if case .delayAnswer(let delay) = fault { try await Task.sleep(for: delay) }
      try await pass(try await answer, &requests, answers)
    }

    private func execute(
      _ pieces: AsyncThrowingStream<ByteBuffer, any Error>, _ window: Window
    ) async throws -> HTTPClientResponse {
      // Of an answer that came before the end of the request, nobody takes the rest.
      defer { window.open() }
      let taken = pieces.map { piece in
        window.leave(piece.readableBytes)
        return piece
      }
      return try await HTTPClient.shared.execute(request(taken), timeout: .seconds(120))
    }

    private func request<Pieces: AsyncSequence & Sendable>(_ pieces: Pieces) -> HTTPClientRequest
    where Pieces.Element == ByteBuffer {
      var request = HTTPClientRequest(url: upstream + head.uri)
      request.method = head.method
      request.headers = head.headers
      if case .withoutRequestHeader(let name) = fault { request.headers.remove(name: name) }
      let length = head.headers.first(name: "Content-Length").flatMap { Int64($0) }
      if let length, length > 0 {
        request.body = .stream(pieces, length: .known(length))
      } else if head.headers.contains(name: "Transfer-Encoding") {
        request.body = .stream(pieces, length: .unknown)
      }
      return request
    }

    private func take(
      _ requests: inout TestListener.Requests, _ feed: AsyncThrowingStream<ByteBuffer, any Error>.Continuation,
      _ window: Window
    ) async throws {
      var position = 0
      while case .body(var buffer)? = try await requests.next() {
        if case .cutRequest(let end) = fault, position + buffer.readableBytes >= end {
          feed.yield(buffer.readSlice(length: end - position) ?? ByteBuffer())
          throw Broken()
        }
        if case .corruptRequest(let offset) = fault { buffer.flip(offset - position) }
        position += buffer.readableBytes
        log.withLock { [count = buffer.readableBytes] in $0.requested += count }
        await window.enter(buffer.readableBytes)
        feed.yield(buffer)
      }
      feed.finish()
    }

    private func pass(
      _ answer: HTTPClientResponse, _ requests: inout TestListener.Requests, _ answers: TestListener.Answers
    ) async throws {
      if case .loseAnswer = fault { throw Broken() }
      var headers = answer.headers
      if case .withoutAnswerHeader(let name) = fault { headers.remove(name: name) }
      try await answers.write(.head(.init(version: .http1_1, status: answer.status, headers: headers)))
      var position = 0
      for try await received in answer.body {
        var buffer = received
        switch fault {
        case .cutAnswer(let end) where position + buffer.readableBytes >= end:
          try await send(buffer.readSlice(length: end - position), answers)
          // Those bytes have passed when the client has them, and not while they wait in a socket.
          for _ in 0..<60 { await shortPause() }
          throw Broken()
        case .stallAnswer(let end) where position + buffer.readableBytes >= end:
          try await send(buffer.readSlice(length: end - position), answers)
          // The client goes away, in the end.
          while try await requests.next() != nil {}
          throw Broken()
        case .corruptAnswer(let offset): buffer.flip(offset - position)
        default: break
        }
        position += buffer.readableBytes
        try await send(buffer, answers)
      }
      try await answers.write(.end(nil))
    }

    private func send(_ buffer: ByteBuffer?, _ answers: TestListener.Answers) async throws {
      guard let buffer, buffer.readableBytes > 0 else { return }
      log.withLock { $0.answered += buffer.readableBytes }
      try await answers.write(.body(.byteBuffer(buffer)))
    }
  }
}

/// Bounds the bytes of a request that wait in the proxy.
private final class Window: Sendable {
  private struct State {
    var waitingBytes = 0
    var isOpen = false
    var waiting: CheckedContinuation<Void, Never>?
  }

  private static let size = 1 << 20
  private let state = Locked(State())

  /// Counts bytes, and waits while there are too many.
  func enter(_ count: Int) async {
    await withCheckedContinuation { continuation in
      let mayGo = state.withLock { state in
        state.waitingBytes += count
        guard state.waitingBytes > Self.size, !state.isOpen else { return true }
        state.waiting = continuation
        return false
      }
      if mayGo { continuation.resume() }
    }
  }

  func leave(_ count: Int) {
    update { $0.waitingBytes -= count }
  }

  /// Lets everything by from now on.
  func open() {
    update { $0.isOpen = true }
  }

  private func update(_ change: (inout State) -> Void) {
    let waiting = state.withLock { state in
      change(&state)
      guard state.isOpen || state.waitingBytes <= Self.size else { return CheckedContinuation<Void, Never>?.none }
      return state.waiting.take()
    }
    waiting?.resume()
  }
}

extension ByteBuffer {
  /// Changes the byte that lies so many bytes behind the next one, where it is there.
  fileprivate mutating func flip(_ offset: Int) {
    guard (0..<readableBytes).contains(offset), let byte = getInteger(at: readerIndex + offset, as: UInt8.self) else {
      return
    }
    setInteger(byte ^ 0xff, at: readerIndex + offset)
  }
}
