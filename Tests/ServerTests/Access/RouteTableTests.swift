import HTTPTypes
import NIOHTTP1
import OCI
import Testing
import TestSupport

@testable import Server

@Suite("Every route, for everybody", .cast, .serialized)
struct RouteTableTests {
  private let cast = Cast.current

  @Test("each route has a row for each of its methods, and each operation has one, too")
  func complete() async throws {
    var seen: [RouteKey: Set<String>] = [:]
    var operations: Set<String> = []
    for row in RouteRow.all {
      let endpoint = try row.endpoint(of: try await row.prepare(cast))
      #expect(endpoint.key == row.key, "\(row.testDescription)")
      #expect(endpoint.methods.contains(row.method), "\(row.testDescription)")
      #expect(Set(row.statuses.keys) == Set(Persona.allCases), "\(row.testDescription)")
      #expect(seen[row.key, default: []].insert(row.method.rawValue).inserted, "\(row.testDescription) stands twice")
      if case .management(let route) = endpoint {
        operations.formUnion([Operation.of(row.method, route)?.id].compactMap { $0 })
      }
    }
    for row in RouteRow.all {
      let endpoint = try row.endpoint(of: try await row.prepare(cast))
      #expect(seen[row.key] == Set(endpoint.methods.map(\.rawValue)), "\(row.key)")
    }
    #expect(Set(seen.keys) == Set(RouteKey.allCases))
    #expect(operations == Set(Operation.all.map(\.id)))
  }

  @Test("each gets what they may", arguments: RouteRow.all)
  func statuses(_ row: RouteRow) async throws {
    for persona in Persona.allCases {
      let reply = try await row.send(try await row.prepare(cast), to: cast.server, as: cast.login(persona))
      #expect(reply.status == row.statuses[persona], "\(persona): \(reply.text.prefix(300))")
      if reply.status == 401 { #expect(reply["WWW-Authenticate"] != nil, "\(persona)") }
    }
  }

  @Test(
    "an access token for what a request takes gets the same as what it was made from", arguments: RouteRow.distribution)
  func accessTokens(_ row: RouteRow) async throws {
    for persona in Persona.allCases {
      let sample = try await row.prepare(cast)
      let scope = try row.endpoint(of: sample).requirement(for: row.method).scope
      let target = "/token?service=berth" + (scope.map { "&scope=\($0)" } ?? "")
      let issued = try await cast.server.send(.GET, target, as: cast.login(persona))
      guard issued.status == 200 else {
        #expect(issued.status == 401 && row.statuses[persona] == 401, "\(persona): \(issued.text)")
        continue
      }
      let token = try issued.decoded(TokenReply.self)
      let reply = try await row.send(sample, to: cast.server, as: token.login)
      // Nobody's token opens what takes no more than a token: there, each finds what is public.
      let isOpen = persona == .anonymous && (row.key == .ping || row.key == .catalog)
      #expect(reply.status == (isOpen ? 200 : row.statuses[persona]), "\(persona): \(reply.text.prefix(300))")
    }
  }

  @Test("a method that a route does not take is told to everybody")
  func otherMethods() async throws {
    for persona in [Persona.anonymous, .reader, .administrator] {
      let reply = try await cast.server.send(.POST, "/v2/\(Cast.repository)/tags/list", as: cast.login(persona))
      #expect(reply.status == 405 && reply["Allow"] == "GET, HEAD")
    }
  }
}
