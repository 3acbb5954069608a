import NIOHTTP1
import OCI
import TestSupport
import Testing

@testable import RegistryClient

@Suite("Requests through proxies", .liveServer)
struct ProxyTests {
  private func tags(
    _ scheme: RegistryEndpoint.Scheme, through environment: [String: String],
    at host: String = "registry.example.org:5000"
  ) async throws -> [OCI.Tag] {
    let endpoint = RegistryEndpoint(scheme: scheme, host: host)
    return try await withClient(
      endpoints: TestEndpoints(endpoints: [endpoint]), proxies: try ProxySettings(environment: environment),
      retries: .once
    ) { client in
      try await client.repository("team/app", port: 5000).tags().all()
    }
  }

  @Test("a request is made through the connection that the proxy makes, which is shown what it wants")
  func tunnel() async throws {
    let server = LiveServer.current
    try await server.pushImage(to: "team/app", as: "v1")
    try await TunnelProxy.run(to: server.port) { proxy in
      let tunnelled = try await tags(.http, through: ["http_proxy": "http://me:pass%20word@127.0.0.1:\(proxy.port)"])
      #expect(tunnelled.map(\.value) == ["v1"])
      #expect(!proxy.requests.isEmpty)
      for head in proxy.requests {
        #expect(head.hasPrefix("CONNECT registry.example.org:5000 HTTP/1.1\r\n"))
        #expect(head.contains(": Basic bWU6cGFzcyB3b3Jk\r\n"))
      }
      let earlier = proxy.requests.count
      let direct = try await tags(
        .http, through: ["http_proxy": "http://127.0.0.1:\(proxy.port)"], at: "127.0.0.1:\(server.port)")
      #expect(direct.map(\.value) == ["v1"] && proxy.requests.count == earlier, "this machine is reached directly")
    }
  }

  @Test("what the proxy refuses is said to be the proxy's", arguments: [403, 407])
  func connecting(_ status: Int) async throws {
    try await ScriptedServer.run(answering: { _ in ScriptedServer.Reply(status) }) { proxy in
      let error = await #expect(throws: RegistryClientError.self) {
        try await tags(.https, through: ["HTTPS_PROXY": "http://127.0.0.1:\(proxy.port)"])
      }
      #expect(error?.message.contains("proxy") == true, "\(error.map { $0.message } ?? "")")
      #expect(proxy.requests.allSatisfy { $0.method == .CONNECT && $0.target == "registry.example.org:5000" })
      #expect(!proxy.requests.isEmpty)
    }
  }
}
