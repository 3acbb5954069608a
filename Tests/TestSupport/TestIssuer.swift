public import NIOSSL
public import OCI

internal import Locks
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix

/// An OIDC issuer of the tests' own on a free port of 127.0.0.1: it publishes keys, signs tokens, and can misbehave.
public final class TestIssuer: Sendable {
  /// What it answers to one path.
  public struct Answer: Sendable {
    /// The status.
    public var status: Int
    /// The fields besides those that HTTP needs.
    public var fields: [(String, String)]
    /// The body.
    public var body: String

    /// Makes one of its parts.
    public init(status: Int = 200, fields: [(String, String)] = [], body: String = "") {
      self.status = status
      self.fields = fields
      self.body = body
    }
  }

  private struct State: Sendable {
    var keys: [IssuerKey]
    var isDown = false
    var isHolding = false
    var held: [@Sendable () -> Void] = []
    var fetches: [String: Int] = [:]
    var answers: [String: Answer] = [:]
  }

  /// The path of its configuration.
  public static let configurationPath = "/.well-known/openid-configuration"
  /// The path of its key set.
  public static let keySetPath = "/jwks"

  /// Its name, which is its address, such as `http://127.0.0.1:40123`.
  public let url: String
  private let state: Locked<State>

  private init(url: String, state: Locked<State>) {
    self.url = url
    self.state = state
  }

  /// Serves for as long as `body` runs.
  ///
  /// - Parameters:
  ///   - keys: the keys that it publishes.
  ///   - tls: how it speaks TLS, for the address `https://127.0.0.1:…`; nil stands for plain HTTP.
  public static func run<Success>(
    keys: [IssuerKey], tls: TLSConfiguration? = nil, isolation: isolated (any Actor)? = #isolation,
    _ body: (TestIssuer) async throws -> Success
  ) async throws -> Success {
    let state = Locked(State(keys: keys))
    let context = try tls.map { try NIOSSLContext(configuration: $0) }
    let address = Locked("")
    let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          if let context { try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context)) }
          try channel.pipeline.syncOperations.configureHTTPServerPipeline()
          let issuer = TestIssuer(url: address.withLock { $0 }, state: state)
          try channel.pipeline.syncOperations.addHandler(TestIssuerHandler(issuer: issuer))
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    let url = "\(tls == nil ? "http" : "https")://127.0.0.1:\(server.localAddress?.port ?? 0)"
    address.withLock { $0 = url }
    let issuer = TestIssuer(url: url, state: state)
    do {
      let success = try await body(issuer)
      try await issuer.stop(server)
      return success
    } catch {
      try await issuer.stop(server)
      throw error
    }
  }

  private func stop(_ server: any Channel) async throws {
    release()
    try await server.close()
  }

  /// Publishes these keys from now on, and no others.
  public func publish(_ keys: [IssuerKey]) { state.withLock { $0.keys = keys } }

  /// Closes connections without an answer from now on.
  public func goDown() { state.withLock { $0.isDown = true } }

  /// Answers again.
  public func comeBack() { state.withLock { $0.isDown = false } }

  /// Answers to a path with this from now on; nil stands for what is right.
  public func answer(_ path: String, with answer: Answer?) { state.withLock { $0.answers[path] = answer } }

  /// Takes requests and does not answer them until `release`.
  public func hold() { state.withLock { $0.isHolding = true } }

  /// Answers what was held, and holds nothing any more.
  public func release() {
    let held = state.withLock { state in
      state.isHolding = false
      defer { state.held = [] }
      return state.held
    }
    for answer in held { answer() }
  }

  /// How many requests came for a path.
  public func fetches(of path: String) -> Int { state.withLock { $0.fetches[path] ?? 0 } }

  /// How many requests came for its key set.
  public var keySetFetches: Int { fetches(of: Self.keySetPath) }

  /// Claims as a workflow of GitHub Actions has them, as JSON: of `team/api` on `main`, for `production`, valid for five
  /// minutes.
  public func workflowClaims(at now: Timestamp = .now) -> [String: String] {
    let seconds = now.milliseconds / 1000
    return [
      "iss": JSONText.string(url), "aud": #""registry.example.org""#,
      "sub": #""repo:team/api:environment:production""#, "iat": "\(seconds)", "nbf": "\(seconds)",
      "exp": "\(seconds + 300)", "repository": #""team/api""#, "ref": #""refs/heads/main""#,
      "environment": #""production""#, "run_id": #""123""#, "run_attempt": #""1""#, "actor": #""somebody""#,
    ]
  }

  /// Takes a request: answers now, later, or by hanging up, which nil stands for.
  fileprivate func take(_ path: String, _ respond: @escaping @Sendable (Answer?) -> Void) {
    let isHeld = state.withLock { state in
      state.fetches[path, default: 0] += 1
      if state.isHolding { state.held.append { respond(self.answer(to: path)) } }
      return state.isHolding
    }
    if !isHeld { respond(answer(to: path)) }
  }

  private func answer(to path: String) -> Answer? {
    let (keys, isDown, fixed) = state.withLock { ($0.keys, $0.isDown, $0.answers[path]) }
    if isDown { return nil }
    if let fixed { return fixed }
    switch path {
    case Self.configurationPath:
      return Answer(
        body: JSONText.object([
          ("issuer", JSONText.string(url)), ("jwks_uri", JSONText.string(url + Self.keySetPath)),
        ]))
    case Self.keySetPath:
      do {
        return Answer(body: JSONText.object([("keys", JSONText.array(try keys.map { try $0.jwk() }))]))
      } catch {
        return Answer(status: 500, body: "\(error)")
      }
    default: return Answer(status: 404)
    }
  }
}

private final class TestIssuerHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart

  private let issuer: TestIssuer
  private var path = ""

  init(issuer: TestIssuer) {
    self.issuer = issuer
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head): path = head.uri
    case .body: break
    case .end:
      let channel = context.channel
      issuer.take(path) { answer in Self.respond(answer, on: channel) }
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }

  private static func respond(_ answer: TestIssuer.Answer?, on channel: any Channel) {
    guard let answer else { return channel.close(promise: nil) }
    var fields = HTTPHeaders(answer.fields)
    fields.add(name: "Content-Length", value: "\(answer.body.utf8.count)")
    fields.add(name: "Connection", value: "close")
    let head = HTTPResponseHead(version: .http1_1, status: .init(statusCode: answer.status), headers: fields)
    channel.write(HTTPServerResponsePart.head(head), promise: nil)
    channel.write(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(string: answer.body))), promise: nil)
    channel.writeAndFlush(HTTPServerResponsePart.end(nil)).whenComplete { _ in channel.close(promise: nil) }
  }
}
