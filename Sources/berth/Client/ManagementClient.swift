import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import NIOSSL

/// The management API of a running server.
struct ManagementClient: Sendable {
  private let connection: Connection
  private let http: HTTPClient

  /// The most that one answer may hold, in bytes.
  private static let maximumAnswer = 1 << 30
  /// Asks for pages that are as large as a server gives them.
  static let largePages: [ManagementRequest.Parameter] = [("n", "1000")]

  /// The server that is asked.
  var server: ServerAddress { connection.server }

  /// Lends a client for as long as `body` runs.
  static func with<Success>(
    _ connection: Connection, isolation: isolated (any Actor)? = #isolation,
    _ body: (ManagementClient) async throws -> Success
  ) async throws -> Success {
    var tls = TLSConfiguration.makeClientConfiguration()
    if !connection.authorities.isEmpty { tls.additionalTrustRoots = [.certificates(connection.authorities)] }
    // A redirect would turn a POST into a GET, or carry a credential over a plain connection first.
    var configuration = HTTPClient.Configuration(tlsConfiguration: tls, redirectConfiguration: .disallow)
    configuration.connectionPool.retryConnectionEstablishment = false
    return try await HTTPClient.withHTTPClient(configuration: configuration) { http in
      try await body(ManagementClient(connection: connection, http: http))
    }
  }

  /// Sends a request, and gives the answer as soon as its head is there.
  ///
  /// - Throws: `ServerRefusal` for every status that is none of success; `CommandFailure` where no server answers.
  func open(_ request: ManagementRequest, timeout: TimeAmount) async throws -> HTTPClientResponse {
    var message = HTTPClientRequest(url: request.url(on: server))
    message.method = request.method
    message.headers.add(name: "User-Agent", value: "berth/\(Berth.version)")
    if let credential = connection.credential {
      message.headers.add(name: "Authorization", value: credential.authorization)
    }
    if let body = request.body {
      message.headers.add(name: "Content-Type", value: "application/json")
      message.body = .bytes(try JSONEncoder().encode(body))
    }
    let response: HTTPClientResponse
    do {
      response = try await http.execute(message, timeout: timeout)
    } catch {
      throw CommandFailure(noAnswerFrom: server, error)
    }
    guard (200..<300).contains(response.status.code) else {
      throw ServerRefusal(
        response.status, location: response.headers.first(name: "Location"), body: try await Self.collect(response),
        from: connection)
    }
    return response
  }

  /// Sends a request, and gives the whole body of the answer.
  @discardableResult
  func send(_ request: ManagementRequest, timeout: TimeAmount = .seconds(120)) async throws -> Data {
    try await Self.collect(try await open(request, timeout: timeout))
  }

  /// Sends a request whose answer is a JSON value.
  func send<Value: Decodable>(_ request: ManagementRequest, for type: Value.Type = Value.self) async throws -> Value {
    try read(try await send(request))
  }

  /// Understands a JSON value that the server gave.
  func read<Value: Decodable>(_ bytes: Data, as type: Value.Type = Value.self) throws -> Value {
    do {
      return try JSONDecoder().decode(type, from: bytes)
    } catch {
      throw CommandFailure(
        "\(server) answers what berth \(Berth.version) does not understand, so it may be of another version: "
          + PlainText.line("\(error)"))
    }
  }

  /// The whole body of an answer.
  static func collect(_ response: HTTPClientResponse) async throws -> Data {
    Data(try await response.body.collect(upTo: maximumAnswer).readableBytesView)
  }
}
