import NIOCore

/// The life of one client connection: which side has to act, and what has to happen when it does not.
///
/// It does no I/O and has no clock. Its methods are told what happened and when, and return what to do. Exactly one
/// request is with the application at a time; the parts of a request that follows are held until it is answered.
struct ConnectionState {
  struct Limits {
    var idle: TimeAmount
    var stall: TimeAmount
    var linger: TimeAmount
    var drainLimit: Int
  }

  /// A request that has not been answered.
  struct Exchange {
    let request: RequestFraming
    /// The whole request has been given to the application.
    var isRequestComplete = false
    /// The client waits for `100 Continue`.
    var awaitsContinue: Bool
    /// When the client last sent something, or began to be waited for.
    var lastRead: NIODeadline
    /// Whether the application is ready for more of the body.
    var wantsBody = false
    /// The response head has been written.
    var isResponding = false
    var closesConnection = false
  }

  enum Phase {
    /// Nothing of the next request has arrived.
    case idle(since: NIODeadline)
    /// A part of the next request's head has arrived.
    case receivingHead(since: NIODeadline)
    case exchange(Exchange)
    /// The last response has been written. What the client still sends is thrown away until it closes; the deadline
    /// is there once the response has left and our side of the connection is closed.
    case draining(bytes: Int, until: NIODeadline?)
    case closed
  }

  private let limits: Limits
  private(set) var phase: Phase
  /// The application has been given the head of a request, and neither its end nor an error yet.
  private var isBodyOpen = false
  private var isQuiescing = false
  /// The bytes that were waiting to be written when last looked at, and when their number last changed.
  private var unwritten: (bytes: Int, since: NIODeadline)?

  init(limits: Limits, now: NIODeadline) {
    self.limits = limits
    phase = .idle(since: now)
  }

  /// The longest time between two calls of ``check(now:unwrittenBytes:)``.
  var checkInterval: TimeAmount {
    .nanoseconds(max(1_000_000, min(limits.idle.nanoseconds, limits.stall.nanoseconds) / 4))
  }

  /// The request that is with the application, when there is one.
  var request: RequestFraming? {
    guard case .exchange(let exchange) = phase else { return nil }
    return exchange.request
  }

  /// Whether parts that arrive belong to a request behind the one that is being answered.
  var holdsNextRequest: Bool {
    guard case .exchange(let exchange) = phase else { return false }
    return exchange.isRequestComplete
  }

  /// Whether a response has begun and not ended.
  var isResponding: Bool {
    guard case .exchange(let exchange) = phase else { return false }
    return exchange.isResponding
  }
}

// MARK: - From the client

extension ConnectionState {
  enum PartAction: Equatable {
    case deliver
    case discard
  }

  mutating func readHead(_ request: RequestFraming, now: NIODeadline) -> PartAction {
    switch phase {
    case .idle, .receivingHead:
      phase = .exchange(Exchange(request: request, awaitsContinue: request.expectsContinue, lastRead: now))
      isBodyOpen = true
      return .deliver
    case .exchange, .draining, .closed:
      return .discard
    }
  }

  mutating func readBody(bytes: Int, now: NIODeadline) -> PartAction {
    switch phase {
    case .exchange(var exchange):
      exchange.awaitsContinue = false
      exchange.wantsBody = false
      exchange.lastRead = now
      phase = .exchange(exchange)
      return .deliver
    case .draining:
      discard(bytes: bytes)
      return .discard
    case .idle, .receivingHead, .closed:
      return .discard
    }
  }

  mutating func readEnd() -> PartAction {
    guard case .exchange(var exchange) = phase else { return .discard }
    exchange.awaitsContinue = false
    exchange.isRequestComplete = true
    phase = .exchange(exchange)
    isBodyOpen = false
    return .deliver
  }

  /// Bytes arrived that made no part of a request.
  mutating func readFragment(now: NIODeadline) {
    guard case .idle = phase else { return }
    phase = .receivingHead(since: now)
  }

  /// Counts bytes that are thrown away behind the last response.
  mutating func discard(bytes: Int) {
    guard case .draining(let drained, let deadline) = phase else { return }
    phase = .draining(bytes: drained + bytes, until: deadline)
  }

  /// The application is ready for more input.
  ///
  /// - Returns: whether to read from the socket. Behind the last response only so much is read; a client that sends
  ///   more is held back by TCP, and still finds the response, which it would lose to a reset.
  mutating func wantsRead(now: @autoclosure () -> NIODeadline) -> Bool {
    switch phase {
    case .idle, .receivingHead:
      return true
    case .exchange(var exchange):
      if !exchange.isRequestComplete, !exchange.wantsBody {
        exchange.wantsBody = true
        exchange.lastRead = now()
        phase = .exchange(exchange)
      }
      return true
    case .draining(let bytes, _):
      return bytes < limits.drainLimit
    case .closed:
      // With TLS the connection ends when the client has said that it does.
      return true
    }
  }

  enum InputClosedAction: Equatable {
    case deliver
    case fail(RequestBodyError)
    case discard
  }

  /// The client will send nothing more.
  func inputClosed() -> InputClosedAction {
    switch phase {
    case .idle, .receivingHead:
      return .deliver
    case .exchange(let exchange):
      return exchange.isRequestComplete ? .deliver : .fail(.truncated)
    case .draining, .closed:
      return .discard
    }
  }

  enum RefuseAction: Equatable {
    /// Answer, with nobody waiting for more of the request.
    case answer
    /// Answer, and end the request body that the application reads with an error.
    case answerAndFailBody
    /// A response is under way and cannot be taken back: end the body with an error, and close.
    case failBodyAndClose
    /// Come again when the request before has been answered.
    case hold
    case ignore
  }

  /// The client did what the transport itself has to refuse.
  mutating func refuse() -> RefuseAction {
    switch phase {
    case .idle, .receivingHead:
      phase = .draining(bytes: 0, until: nil)
      return .answer
    case .exchange(let exchange) where exchange.isRequestComplete:
      return .hold
    case .exchange(let exchange) where exchange.isResponding:
      phase = .closed
      isBodyOpen = false
      return .failBodyAndClose
    case .exchange:
      phase = .draining(bytes: 0, until: nil)
      isBodyOpen = false
      return .answerAndFailBody
    case .draining, .closed:
      return .ignore
    }
  }
}

// MARK: - From the application

extension ConnectionState {
  /// The application is about to read the request body.
  ///
  /// - Returns: whether to send `100 Continue`.
  mutating func acceptBody(now: NIODeadline) -> Bool {
    guard case .exchange(var exchange) = phase, exchange.awaitsContinue, !exchange.isResponding else { return false }
    exchange.awaitsContinue = false
    exchange.lastRead = now
    phase = .exchange(exchange)
    return true
  }

  enum HeadAction: Equatable {
    case write(closesConnection: Bool)
    case discard
  }

  /// The application writes a response head.
  ///
  /// A request body that has not been read by then would have to be read before the next request can be: the
  /// connection is closed instead.
  mutating func writeHead(closesConnection: Bool) -> HeadAction {
    guard case .exchange(var exchange) = phase, !exchange.isResponding else { return .discard }
    exchange.isResponding = true
    exchange.closesConnection =
      closesConnection || isQuiescing || !exchange.request.keepsAlive || !exchange.isRequestComplete
    phase = .exchange(exchange)
    return .write(closesConnection: exchange.closesConnection)
  }

  enum EndAction: Equatable {
    /// Write it; the next request may follow.
    case write
    /// Write it, close our side and wait for the client to close its own.
    case writeAndDrain
    case discard
  }

  /// The application writes the end of a response.
  mutating func writeEnd(now: NIODeadline) -> EndAction {
    guard case .exchange(let exchange) = phase, exchange.isResponding else { return .discard }
    guard exchange.closesConnection || isQuiescing else {
      phase = .idle(since: now)
      return .write
    }
    phase = .draining(bytes: 0, until: nil)
    return .writeAndDrain
  }

  /// Bytes have been written since the last check, even if as many are waiting as then.
  mutating func wroteBytes() {
    unwritten = nil
  }

  /// The last response has left, and our side of the connection is closed.
  ///
  /// - Returns: when to give up waiting for the client.
  mutating func outputClosed(now: NIODeadline) -> NIODeadline? {
    guard case .draining(let bytes, nil) = phase else { return nil }
    let deadline = now + limits.linger
    phase = .draining(bytes: bytes, until: deadline)
    return deadline
  }

  enum CloseAction: Equatable {
    case close
    /// Let the client have what was written, then close.
    case drain
    /// The connection closes in its own time.
    case wait
  }

  /// The application closes the connection, or its own side of it. A response that has begun is cut off.
  mutating func close() -> CloseAction {
    switch phase {
    case .idle, .receivingHead:
      phase = .draining(bytes: 0, until: nil)
      return .drain
    case .exchange, .closed:
      phase = .closed
      return .close
    case .draining:
      return .wait
    }
  }

  /// The server is shutting down: a connection closes at once, or when its request has been answered.
  mutating func quiesce(unwrittenBytes: Int) -> CloseAction {
    isQuiescing = true
    switch phase {
    case .idle, .receivingHead:
      guard unwrittenBytes == 0 else { return close() }
      phase = .closed
      return .close
    case .exchange, .draining, .closed:
      return .wait
    }
  }

  /// The connection is gone.
  ///
  /// - Returns: whether the application has to be told that a request body is not whole.
  mutating func connectionClosed() -> Bool {
    defer { isBodyOpen = false }
    phase = .closed
    return isBodyOpen
  }
}

// MARK: - Time

extension ConnectionState {
  enum CheckAction: Equatable {
    case checkAgain(at: NIODeadline)
    case close
    case refuse(Refusal, RequestBodyError)
  }

  /// Looks for a client that does not do its part.
  ///
  /// - Parameters:
  ///   - now: the time of the check.
  ///   - unwrittenBytes: the bytes of responses that the client's socket did not take yet.
  mutating func check(now: NIODeadline, unwrittenBytes: Int) -> CheckAction {
    if unwrittenBytes > 0 {
      guard let unwritten, unwritten.bytes == unwrittenBytes else {
        unwritten = (unwrittenBytes, now)
        return again(now, deadline: now + limits.stall)
      }
      return now < unwritten.since + limits.stall ? again(now, deadline: unwritten.since + limits.stall) : .close
    }
    unwritten = nil

    switch phase {
    case .idle(let since):
      return now < since + limits.idle ? again(now, deadline: since + limits.idle) : .close
    case .receivingHead(let since):
      let deadline = since + limits.stall
      return now < deadline ? again(now, deadline: deadline) : .refuse(.headTimeout, .stalled)
    case .exchange(let exchange):
      // Before 100 Continue and while the application computes, it is not the client's turn.
      guard !exchange.isRequestComplete, exchange.wantsBody, !exchange.awaitsContinue else {
        return again(now, deadline: now + checkInterval)
      }
      let deadline = exchange.lastRead + limits.stall
      return now < deadline ? again(now, deadline: deadline) : .refuse(.bodyTimeout, .stalled)
    case .draining(_, let deadline):
      guard let deadline else { return again(now, deadline: now + checkInterval) }
      return now < deadline ? again(now, deadline: deadline) : .close
    case .closed:
      return .close
    }
  }

  /// A deadline that begins between two checks may be earlier than the one known now.
  private func again(_ now: NIODeadline, deadline: NIODeadline) -> CheckAction {
    .checkAgain(at: min(deadline, now + checkInterval))
  }
}
