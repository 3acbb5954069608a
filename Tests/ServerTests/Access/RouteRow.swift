import HTTPTypes
import NIOHTTP1
import OCI
import Testing
import TestSupport

@testable import Server

/// What one method of one route answers to everybody.
struct RouteRow: Sendable, CustomTestStringConvertible {
  /// A request, all but who sends it.
  struct Request: Sendable {
    let target: String
    var headers: [(String, String)] = []
    var body: [UInt8]?

    init(_ target: String, _ headers: [(String, String)] = [], body: [UInt8]? = nil) {
      self.target = target
      self.headers = headers
      self.body = body
    }

    init(_ target: String, json: String) {
      self.init(target, body: Array(json.utf8))
    }
  }

  let key: RouteKey
  let method: HTTPRequest.Method
  /// The status, by who asks.
  let statuses: [Persona: Int]
  /// Makes what the request is about, anew for each.
  let prepare: @Sendable (Cast) async throws -> Request

  var testDescription: String { "\(method.rawValue) \(key)" }

  /// - Parameter statuses: in the order of `Persona.allCases`.
  init(
    _ key: RouteKey, _ method: HTTPRequest.Method, _ statuses: [Int],
    prepare: @escaping @Sendable (Cast) async throws -> Request
  ) {
    self.key = key
    self.method = method
    self.statuses = Dictionary(uniqueKeysWithValues: zip(Persona.allCases, statuses))
    self.prepare = prepare
  }

  /// A row of a path that stays as it is.
  init(_ key: RouteKey, _ method: HTTPRequest.Method, _ statuses: [Int], _ target: String) {
    self.init(key, method, statuses) { _ in Request(target) }
  }

  /// The rows of a path for `GET` and `HEAD`.
  static func reads(_ key: RouteKey, _ statuses: [Int], _ target: String) -> [RouteRow] {
    [RouteRow(key, .get, statuses, target), RouteRow(key, .head, statuses, target)]
  }

  /// What the sample's path asks for.
  func endpoint(of sample: Request) throws -> Endpoint {
    try Endpoint(path: sample.target.prefix { $0 != "?" }, isRead: method == .get || method == .head)
  }

  func send(_ sample: Request, to server: LiveServer, as login: Login) async throws -> Reply {
    try await server.send(
      HTTPMethod(rawValue: method.rawValue), sample.target, as: login, sample.headers, body: sample.body)
  }
}
