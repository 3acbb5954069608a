import NIOCore
import Testing

@testable import Server

private let start = NIODeadline.uptimeNanoseconds(1_000_000_000_000)
private let idle = TimeAmount.seconds(80)
private let stall = TimeAmount.seconds(60)
private let linger = TimeAmount.seconds(5)

private func connection() -> ConnectionState {
  ConnectionState(
    limits: ConnectionState.Limits(idle: idle, stall: stall, linger: linger, drainLimit: 1000), now: start)
}

/// A connection with a request of which the head has arrived, or all.
private func busy(_ request: RequestFraming = RequestFraming(), whole: Bool = true) -> ConnectionState {
  var state = connection()
  #expect(state.readHead(request, now: start) == .deliver)
  if whole { #expect(state.readEnd() == .deliver) }
  return state
}

@Suite("Connection state")
struct ConnectionStateTests {
  // MARK: - Requests and responses

  @Test("a connection whose request was answered takes the next")
  func nextRequest() {
    var state = busy()
    for second in 1...3 {
      #expect(state.holdsNextRequest)
      #expect(state.writeHead(closesConnection: false) == .write(closesConnection: false))
      #expect(state.writeEnd(now: start + .seconds(Int64(second))) == .write)
      #expect(!state.holdsNextRequest)
      #expect(state.readHead(RequestFraming(), now: start) == .deliver)
      #expect(!state.holdsNextRequest)
      #expect(state.readBody(bytes: 10, now: start) == .deliver)
      #expect(state.readEnd() == .deliver)
    }
  }

  @Test("the last response of a connection says so")
  func closes() {
    var unwanted = RequestFraming()
    unwanted.keepsAlive = false
    var quiescing = busy()
    #expect(quiescing.quiesce(unwrittenBytes: 0) == .wait)
    let cases: [(String, ConnectionState, Bool)] = [
      ("the client wants no other", busy(unwanted), false),
      ("the route wants no other", busy(), true),
      ("the body has not been read", busy(whole: false), false),
      ("the server is shutting down", quiescing, false),
    ]
    for (reason, state, routeCloses) in cases {
      var state = state
      #expect(state.writeHead(closesConnection: routeCloses) == .write(closesConnection: true), "\(reason)")
      #expect(state.writeEnd(now: start) == .writeAndDrain, "\(reason)")
      #expect(state.readHead(RequestFraming(), now: start) == .discard, "\(reason)")
      #expect(state.writeHead(closesConnection: false) == .discard, "\(reason)")
    }
  }

  @Test("a response has one head, and an end only after it")
  func order() {
    var state = busy()
    #expect(state.writeEnd(now: start) == .discard)
    #expect(state.writeHead(closesConnection: false) == .write(closesConnection: false))
    #expect(state.writeHead(closesConnection: false) == .discard)
    #expect(state.writeEnd(now: start) == .write)
    #expect(state.writeEnd(now: start) == .discard)
  }

  @Test("100 Continue is sent once, to a client that still waits for it")
  func continues() {
    var expecting = RequestFraming()
    expecting.expectsContinue = true

    var state = busy(expecting, whole: false)
    #expect(state.acceptBody(now: start) == true)
    #expect(state.acceptBody(now: start) == false)

    state = busy(expecting, whole: false)
    _ = state.readBody(bytes: 1, now: start)
    #expect(state.acceptBody(now: start) == false, "the body is coming already")

    state = busy(expecting)
    #expect(state.acceptBody(now: start) == false, "there is no body")

    state = busy(expecting, whole: false)
    _ = state.writeHead(closesConnection: false)
    #expect(state.acceptBody(now: start) == false, "the final response is under way")

    state = busy(whole: false)
    #expect(state.acceptBody(now: start) == false, "nobody waits")
  }

  // MARK: - Ends

  @Test("behind the last response a bounded number of bytes is read")
  func drains() {
    var state = busy(whole: false)
    _ = state.writeHead(closesConnection: false)
    _ = state.writeEnd(now: start)
    #expect(state.readBody(bytes: 600, now: start) == .discard)
    #expect(state.wantsRead(now: start) == true)
    #expect(state.readBody(bytes: 600, now: start) == .discard)
    #expect(state.wantsRead(now: start) == false)
  }

  @Test("a connection lingers from when the last response has left")
  func lingers() {
    var state = busy(whole: false)
    _ = state.writeHead(closesConnection: false)
    _ = state.writeEnd(now: start)
    let left = start + .seconds(20)
    #expect(state.check(now: left, unwrittenBytes: 0) == .checkAgain(at: left + .seconds(15)))
    #expect(state.outputClosed(now: left) == left + linger)
    #expect(state.outputClosed(now: left + .seconds(1)) == nil)
    #expect(state.check(now: left + .seconds(4), unwrittenBytes: 0) == .checkAgain(at: left + linger))
    #expect(state.check(now: left + linger, unwrittenBytes: 0) == .close)
  }

  @Test("an end of the input in the middle of a body is a failure, and an end elsewhere is not")
  func inputCloses() {
    #expect(connection().inputClosed() == .deliver)
    #expect(busy().inputClosed() == .deliver)
    #expect(busy(whole: false).inputClosed() == .fail(.truncated))
    var lost = busy(whole: false)
    #expect(lost.connectionClosed() == true)
    #expect(lost.connectionClosed() == false)
    var whole = busy()
    #expect(whole.connectionClosed() == false)
    var answered = busy(whole: false)
    _ = answered.writeHead(closesConnection: false)
    _ = answered.writeEnd(now: start)
    #expect(answered.connectionClosed() == true, "an application that reads on must not take what it has for the whole")
    var refused = busy(whole: false)
    _ = refused.refuse()
    #expect(refused.connectionClosed() == false, "it has been told")
  }

  @Test("a refusal is answered where there is room for an answer")
  func refuses() {
    var state = connection()
    #expect(state.refuse() == .answer)
    #expect(state.refuse() == .ignore)
    #expect(state.writeHead(closesConnection: false) == .discard)

    state = busy(whole: false)
    #expect(state.refuse() == .answerAndFailBody)
    #expect(state.writeHead(closesConnection: false) == .discard)
    #expect(state.readBody(bytes: 1, now: start) == .discard)

    state = busy(whole: false)
    _ = state.writeHead(closesConnection: false)
    #expect(state.refuse() == .failBodyAndClose)

    state = busy()
    #expect(state.refuse() == .hold)
    _ = state.writeHead(closesConnection: false)
    #expect(state.refuse() == .hold)
    _ = state.writeEnd(now: start)
    #expect(state.refuse() == .answer)
  }

  @Test("shutting down closes at once what is idle, but lets a response leave")
  func quiesces() {
    var state = connection()
    #expect(state.quiesce(unwrittenBytes: 0) == .close)
    state = connection()
    #expect(state.quiesce(unwrittenBytes: 1) == .drain)
    state = connection()
    state.readFragment(now: start)
    #expect(state.quiesce(unwrittenBytes: 0) == .close)
    state = busy()
    #expect(state.quiesce(unwrittenBytes: 0) == .wait)
  }

  @Test("the application's close cuts off a response, and nothing that is complete")
  func applicationCloses() {
    var state = busy()
    #expect(state.close() == .close)
    state = connection()
    #expect(state.close() == .drain)
    #expect(state.close() == .wait)
  }

  // MARK: - Time

  @Test("an idle connection is closed after its time")
  func idles() {
    var state = connection()
    #expect(state.check(now: start, unwrittenBytes: 0) == .checkAgain(at: start + .seconds(15)))
    #expect(state.check(now: start + .seconds(70), unwrittenBytes: 0) == .checkAgain(at: start + idle))
    #expect(state.check(now: start + idle, unwrittenBytes: 0) == .close)

    state = busy()
    _ = state.writeHead(closesConnection: false)
    _ = state.writeEnd(now: start + .seconds(100))
    #expect(state.check(now: start + .seconds(179), unwrittenBytes: 0) == .checkAgain(at: start + .seconds(180)))
    #expect(state.check(now: start + .seconds(180), unwrittenBytes: 0) == .close)
  }

  @Test("a request head has its time from the first byte, however it trickles")
  func headStalls() {
    var state = connection()
    for second in stride(from: Int64(10), to: 70, by: 5) {
      state.readFragment(now: start + .seconds(second))
      #expect(state.check(now: start + .seconds(second), unwrittenBytes: 0) != .close)
    }
    #expect(state.check(now: start + .seconds(69), unwrittenBytes: 0) == .checkAgain(at: start + .seconds(70)))
    #expect(state.check(now: start + .seconds(70), unwrittenBytes: 0) == .refuse(.headTimeout, .stalled))
  }

  @Test("a request body may trickle, but not stop")
  func bodyStalls() {
    var state = busy(whole: false)
    var now = start
    for _ in 1...100 {
      #expect(state.wantsRead(now: now) == true)
      now = now + .seconds(59)
      #expect(state.check(now: now, unwrittenBytes: 0) == .checkAgain(at: now + .seconds(1)))
      #expect(state.readBody(bytes: 1, now: now) == .deliver)
    }
    #expect(state.wantsRead(now: now) == true)
    #expect(state.check(now: now + stall, unwrittenBytes: 0) == .refuse(.bodyTimeout, .stalled))
  }

  @Test("a client is not waited for while the application has not asked for its body")
  func bodyUnwanted() {
    var state = busy(whole: false)
    _ = state.wantsRead(now: start)
    _ = state.readBody(bytes: 1, now: start)
    let late = start + .hours(1)
    #expect(state.check(now: late, unwrittenBytes: 0) == .checkAgain(at: late + .seconds(15)))
    #expect(state.wantsRead(now: late) == true)
    #expect(state.check(now: late + .seconds(59), unwrittenBytes: 0) == .checkAgain(at: late + stall))
    #expect(state.check(now: late + stall, unwrittenBytes: 0) == .refuse(.bodyTimeout, .stalled))
  }

  @Test("a client that waits for 100 Continue is not waited for")
  func continueAwaited() {
    var expecting = RequestFraming()
    expecting.expectsContinue = true
    var state = busy(expecting, whole: false)
    _ = state.wantsRead(now: start)
    let late = start + .hours(1)
    #expect(state.check(now: late, unwrittenBytes: 0) == .checkAgain(at: late + .seconds(15)))
    #expect(state.acceptBody(now: late) == true)
    #expect(state.check(now: late + .seconds(59), unwrittenBytes: 0) == .checkAgain(at: late + stall))
    #expect(state.check(now: late + stall, unwrittenBytes: 0) == .refuse(.bodyTimeout, .stalled))
  }

  @Test("a computing application has all the time it wants")
  func computes() {
    var state = busy()
    let late = start + .hours(100)
    #expect(state.check(now: late, unwrittenBytes: 0) == .checkAgain(at: late + .seconds(15)))
  }

  @Test("a response may trickle, but not stop")
  func responseStalls() {
    var state = busy()
    _ = state.writeHead(closesConnection: false)
    var now = start
    for bytes in (1...100).reversed() {
      now = now + .seconds(59)
      #expect(state.check(now: now, unwrittenBytes: bytes) == .checkAgain(at: now + .seconds(15)))
    }
    #expect(state.check(now: now + .seconds(59), unwrittenBytes: 1) == .checkAgain(at: now + stall))
    #expect(state.check(now: now + stall, unwrittenBytes: 1) == .close)
  }

  @Test("a slice that was sent is progress, even when as many bytes wait as before")
  func slices() {
    var state = busy()
    _ = state.writeHead(closesConnection: false)
    _ = state.check(now: start, unwrittenBytes: 1000)
    state.wroteBytes()
    let late = start + stall
    #expect(state.check(now: late, unwrittenBytes: 1000) == .checkAgain(at: late + .seconds(15)))
  }

  @Test("a response that has been written but not taken is not idle")
  func unwritten() {
    var state = busy()
    _ = state.writeHead(closesConnection: false)
    _ = state.writeEnd(now: start)
    _ = state.check(now: start + .seconds(79), unwrittenBytes: 10)
    #expect(state.check(now: start + .seconds(81), unwrittenBytes: 9) == .checkAgain(at: start + .seconds(96)))
  }
}
