import HTTPTypes
import NIOHTTP1
import OCI
import Testing
import TestSupport

@testable import Server

@Suite("The OpenAPI document", .liveServer { $0.access = .accounts })
struct OpenAPITests {
  private func document() async throws -> JSONValue {
    let reply = try await LiveServer.current.send(.GET, "/api/v1/openapi.json")
    #expect(reply.status == 200 && reply["Content-Type"] == "application/json")
    return try JSONValue(parsing: reply.body)
  }

  private func members(_ value: JSONValue?) -> [String: JSONValue] {
    if case .object(let members) = value { members } else { [:] }
  }

  private func text(_ value: JSONValue?) -> String? {
    if case .string(let text) = value { text } else { nil }
  }

  @Test("it lists the operations that there are, and no others")
  func operations() async throws {
    let document = try await document()
    #expect(text(document["openapi"]) == "3.1.0")
    var listed: [String: String] = [:]
    for (path, methods) in members(document["paths"]) {
      for (method, operation) in members(methods) {
        listed[try #require(text(operation["operationId"]))] = "\(method) \(path)"
      }
    }
    let known = Operation.all.map { ($0.id, "\($0.method.rawValue.lowercased()) /api/v1/\($0.template)") }
    #expect(listed == Dictionary(uniqueKeysWithValues: known))
  }

  @Test("each reference leads somewhere, and each schema is referred to")
  func references() async throws {
    let document = try await document()
    var references: Set<String> = []
    collect(document, into: &references)
    for reference in references {
      let steps = reference.split(separator: "/").map(String.init)
      #expect(steps.first == "#")
      #expect(steps.dropFirst().reduce(document) { $0?[$1] } != nil, "\(reference)")
    }
    for name in members(document["components"]?["schemas"]).keys {
      #expect(references.contains("#/components/schemas/\(name)"), "\(name)")
    }
  }

  private func collect(_ value: JSONValue, into references: inout Set<String>) {
    switch value {
    case .object(let members):
      for (name, value) in members {
        if name == "$ref", let text = text(value) { references.insert(text) }
        collect(value, into: &references)
      }
    case .array(let values): for value in values { collect(value, into: &references) }
    case .null, .bool, .integer, .number, .string: break
    }
  }

  @Test("each value in a path is described, and each operation says what it is about")
  func parameters() async throws {
    for (path, methods) in members(try await document()["paths"]) {
      let names = path.matches(of: #/\{([a-z]+)\}/#).map { String($0.output.1) }
      for operation in members(methods).values {
        var described: [String] = []
        if case .array(let parameters) = operation["parameters"] {
          described = parameters.filter { text($0["in"]) == "path" }.compactMap { text($0["name"]) }
        }
        #expect(described == names, "\(path)")
        #expect(text(operation["summary"])?.isEmpty == false)
        #expect(members(operation["responses"]).keys.contains("default"))
      }
    }
  }

  @Test("the route of each operation takes its method, and no route takes another")
  func methods() {
    for operation in Operation.all {
      let others = Operation.all.filter { $0.template == operation.template }.map(\.method)
      #expect(Set(others).count == others.count, "\(operation.id)")
      let orders = [
        "collect", "runReplication", "planRetention", "applyRetention", "undoRetention", "pingWebhook", "redeliver",
      ]
      let isOrder = orders.contains(operation.id)
      #expect((operation.body != nil) == [.post, .put, .patch].contains(operation.method) || isOrder)
    }
  }
}
