import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1
import NIOPosix
import NIOSSL

/// Carries out what ``ConnectionState`` decides, between the HTTP/1.1 codec and the application.
///
/// It speaks NIO's HTTP types to the codec and the shared ones to the application.
final class ConnectionHandler: ChannelDuplexHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias InboundOut = HTTPRequestPart
  typealias OutboundIn = HTTPResponsePart
  typealias OutboundOut = HTTPServerResponsePart

  /// What ended the client's side while an earlier request was being answered.
  enum HeldEnd {
    case inputClosed
    case refusal(Refusal)
  }

  let configuration: TransportConfiguration
  private let isSecure: Bool
  let threadPool: NIOThreadPool
  let lane: FileLane
  var state: ConnectionState
  /// Whether the response that is being written has no body, whatever the application writes.
  var isBodyless = false
  var transfer: FileTransfer?
  var nextCheck: Scheduled<Void>?

  /// Parts of requests behind the one that is being answered.
  private var held = CircularBuffer<HTTPServerRequestPart>(initialCapacity: 0)
  private var heldEnd: HeldEnd?
  /// The application asked for input while there were parts in `held`.
  private var isReadHeld = false
  /// Whether the bytes received since the last `channelReadComplete` made a part.
  private var hasReadPart = false

  /// - Parameter isSecure: whether TLS is below, so that requests are for `https` and no file goes past it.
  init(configuration: TransportConfiguration, threadPool: NIOThreadPool, isSecure: Bool = false, now: NIODeadline) {
    self.configuration = configuration
    self.threadPool = threadPool
    self.isSecure = isSecure
    lane = isSecure ? .memory : .kernel
    state = ConnectionState(
      limits: ConnectionState.Limits(
        idle: TimeAmount(configuration.idleTimeout),
        stall: TimeAmount(configuration.stallTimeout),
        linger: TimeAmount(configuration.lingerTimeout),
        drainLimit: configuration.drainLimit),
      now: now)
  }

  func handlerAdded(context: ChannelHandlerContext) {
    if context.channel.isActive { scheduleCheck(context, at: context.eventLoop.now + state.checkInterval) }
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    nextCheck?.cancel()
    nextCheck = nil
  }

  func channelActive(context: ChannelHandlerContext) {
    scheduleCheck(context, at: context.eventLoop.now + state.checkInterval)
    context.fireChannelActive()
  }

  func channelInactive(context: ChannelHandlerContext) {
    nextCheck?.cancel()
    nextCheck = nil
    held.removeAll()
    heldEnd = nil
    // Without an error the application would take what it has of the body for the whole.
    if state.connectionClosed() { context.fireErrorCaught(RequestBodyError.truncated) }
    context.fireChannelInactive()
  }
}

// MARK: - Inbound

extension ConnectionHandler {
  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    hasReadPart = true
    let part = unwrapInboundIn(data)
    guard held.isEmpty, !state.holdsNextRequest else {
      held.append(part)
      return
    }
    deliver(context, part)
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    if !hasReadPart { state.readFragment(now: context.eventLoop.now) }
    hasReadPart = false
    context.fireChannelReadComplete()
    if case .draining = state.phase { drain(context) }
  }

  func read(context: ChannelHandlerContext) {
    guard held.isEmpty else {
      isReadHeld = true
      return
    }
    if state.wantsRead(now: context.eventLoop.now) { context.read() }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    switch event {
    case is ChannelShouldQuiesceEvent:
      switch state.quiesce(unwrittenBytes: unwrittenBytes(context)) {
      case .close: context.close(promise: nil)
      case .drain: closeOutput(context)
      case .wait: break
      }
    case ChannelEvent.inputClosed:
      guard held.isEmpty else {
        heldEnd = heldEnd ?? .inputClosed
        return
      }
      closeInput(context)
    case is TLSDetector.PlainRequest:
      refuse(context, .tlsExpected, .malformed)
    default:
      context.fireUserInboundEventTriggered(event)
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    switch error {
    case let error as HTTPParserError:
      let refusal = Refusal.malformed(error, maxHeaderSize: configuration.maxHeaderSize)
      refuse(context, refusal, error == .invalidEOFState ? .truncated : .malformed)
    case ByteToMessageDecoderError.dataReceivedInErrorState(_, let buffer):
      state.discard(bytes: buffer.readableBytes)
    case NIOSSLError.uncleanShutdown:
      // HTTP says itself where a message ends. The end of the connection is told by other events, as without TLS.
      break
    default:
      context.fireErrorCaught(error)
    }
  }

  /// Gives a part of the request that is next, or being received, to the application.
  private func deliver(_ context: ChannelHandlerContext, _ part: HTTPServerRequestPart) {
    switch part {
    case .head(let head):
      do {
        let framing = try RequestFraming(head)
        guard state.readHead(framing, now: context.eventLoop.now) == .deliver else { return }
        context.fireChannelRead(wrapInboundOut(.head(try HTTPRequest(originForm: head, isSecure: isSecure))))
      } catch let refusal as Refusal {
        refuse(context, refusal, .malformed)
      } catch {
        refuse(context, .malformed(.invalidMethod, maxHeaderSize: configuration.maxHeaderSize), .malformed)
      }
    case .body(let buffer):
      guard state.readBody(bytes: buffer.readableBytes, now: context.eventLoop.now) == .deliver else { return }
      context.fireChannelRead(wrapInboundOut(.body(buffer)))
    case .end(let trailers):
      guard state.readEnd() == .deliver else { return }
      context.fireChannelRead(wrapInboundOut(.end(trailers.map { HTTPFields($0, splitCookie: false) })))
    }
  }

  /// Gives the next request to the application, when it has arrived already.
  func deliverHeld(_ context: ChannelHandlerContext) {
    guard !held.isEmpty || heldEnd != nil else { return }
    while !state.holdsNextRequest, let part = held.popFirst() {
      deliver(context, part)
    }
    context.fireChannelReadComplete()
    guard held.isEmpty else { return }
    if let end = heldEnd {
      heldEnd = nil
      switch end {
      case .inputClosed: closeInput(context)
      case .refusal(let refusal): refuse(context, refusal, .malformed)
      }
    }
    if isReadHeld {
      isReadHeld = false
      read(context: context)
    }
  }

  private func closeInput(_ context: ChannelHandlerContext) {
    switch state.inputClosed() {
    case .deliver: context.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
    case .fail(let error): refuse(context, .bodyTruncated, error)
    case .discard: break
    }
  }

  /// Answers a request that the transport does not take.
  func refuse(_ context: ChannelHandlerContext, _ refusal: Refusal, _ error: RequestBodyError) {
    switch state.refuse() {
    case .answer:
      write(context, refusal)
    case .answerAndFailBody:
      // First the error: when the client has closed its side, the answer closes the connection before `write` returns,
      // and the end of the connection looks like the end of the body.
      context.fireErrorCaught(error)
      write(context, refusal)
    case .failBodyAndClose:
      context.fireErrorCaught(error)
      context.close(promise: nil)
    case .hold:
      heldEnd = .refusal(refusal)
    case .ignore:
      break
    }
  }

  private func write(_ context: ChannelHandlerContext, _ refusal: Refusal) {
    let body = refusal.body
    context.write(wrapOutboundOut(.head(refusal.head(bodyLength: body.readableBytes))), promise: nil)
    context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
    context.write(wrapOutboundOut(.end(nil)), promise: nil)
    closeOutput(context)
  }
}

// MARK: - Outbound

extension ConnectionHandler {
  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    switch unwrapOutboundIn(data) {
    case .head(let response):
      writeHead(context, response, promise: promise)
    case .body(let buffer):
      guard state.isResponding else {
        discard(promise)
        return
      }
      guard !isBodyless else {
        promise?.succeed()
        return
      }
      context.write(wrapOutboundOut(.body(.byteBuffer(buffer))), promise: promise)
    case .end(let trailers):
      writeEnd(context, trailers, promise: promise)
    }
  }

  func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
    switch event {
    case let request as SendFile:
      sendFile(context, request, promise: promise)
    case is AcceptBody:
      if state.acceptBody(now: context.eventLoop.now) {
        let head = HTTPResponseHead(version: .http1_1, status: .continue)
        context.writeAndFlush(wrapOutboundOut(.head(head)), promise: nil)
      }
      promise?.succeed()
    default:
      context.triggerUserOutboundEvent(event, promise: promise)
    }
  }

  func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
    if mode == .input {
      context.close(mode: .input, promise: promise)
      return
    }
    switch state.close() {
    case .close:
      context.close(promise: promise)
    case .drain:
      closeOutput(context)
      context.channel.closeFuture.cascade(to: promise)
    case .wait:
      context.channel.closeFuture.cascade(to: promise)
    }
  }

  private func writeHead(_ context: ChannelHandlerContext, _ response: HTTPResponse, promise: EventLoopPromise<Void>?) {
    guard let request = state.request, !state.isResponding else {
      discard(promise)
      return
    }
    var head = HTTPResponseHead(response)
    guard response.status.kind != .informational else {
      context.write(wrapOutboundOut(.head(head)), promise: promise)
      return
    }
    let framing = head.frame(for: request)
    guard case .write(let closes) = state.writeHead(closesConnection: framing.closesConnection) else {
      discard(promise)
      return
    }
    isBodyless = framing.isBodyless
    head.setPersistence(closes: closes, for: request)
    context.write(wrapOutboundOut(.head(head)), promise: promise)
  }

  private func writeEnd(_ context: ChannelHandlerContext, _ trailers: HTTPFields?, promise: EventLoopPromise<Void>?) {
    switch state.writeEnd(now: context.eventLoop.now) {
    case .write:
      context.write(wrapOutboundOut(.end(trailers.map(HTTPHeaders.init))), promise: promise)
      deliverHeld(context)
    case .writeAndDrain:
      context.write(wrapOutboundOut(.end(trailers.map(HTTPHeaders.init))), promise: promise)
      closeOutput(context)
    case .discard:
      discard(promise)
    }
  }

  /// Sends what was written and closes our side, then waits for the client to close its own: closing both at once
  /// would send a reset, on which a client throws away the response that it has not read.
  private func closeOutput(_ context: ChannelHandlerContext) {
    held.removeAll()
    heldEnd = nil
    isReadHeld = false
    // Closing does not wait for what is still to be written when the client has closed its side; a write in order does.
    let written = context.eventLoop.makePromise(of: Void.self)
    context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(ByteBuffer()))), promise: written)
    let closed = context.eventLoop.makePromise(of: Void.self)
    written.futureResult.assumeIsolated().whenComplete { _ in context.close(mode: .output, promise: closed) }
    closed.futureResult.assumeIsolated().whenComplete { result in
      switch result {
      case .success:
        guard let deadline = self.state.outputClosed(now: context.eventLoop.now) else { return }
        self.scheduleCheck(context, at: deadline)
      case .failure:
        context.close(promise: nil)
      }
    }
    drain(context)
  }

  /// Reads on behind the last response, as far as that is allowed, to see the client close.
  private func drain(_ context: ChannelHandlerContext) {
    if state.wantsRead(now: context.eventLoop.now) { context.read() }
  }

  private func discard(_ promise: EventLoopPromise<Void>?) {
    promise?.fail(ChannelError.outputClosed)
  }
}

// MARK: - Time

extension ConnectionHandler {
  func scheduleCheck(_ context: ChannelHandlerContext, at deadline: NIODeadline) {
    nextCheck?.cancel()
    nextCheck = context.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) {
      self.nextCheck = nil
      self.check(context)
    }
  }

  private func check(_ context: ChannelHandlerContext) {
    guard !closeIfFileWasCut(context) else { return }
    switch state.check(now: context.eventLoop.now, unwrittenBytes: unwrittenBytes(context)) {
    case .checkAgain(let deadline):
      scheduleCheck(context, at: deadline)
    case .close:
      context.close(promise: nil)
    case .refuse(let refusal, let error):
      refuse(context, refusal, error)
      if context.channel.isActive, nextCheck == nil {
        scheduleCheck(context, at: context.eventLoop.now + state.checkInterval)
      }
    }
  }

  /// The bytes of responses that the socket did not take yet; a closed channel has none.
  private func unwrittenBytes(_ context: ChannelHandlerContext) -> Int {
    (try? context.channel.syncOptions?.getOption(ChannelOptions.bufferedWritableBytes)) ?? 0
  }
}
