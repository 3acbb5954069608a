import NIOHTTP1
import OCI
import Server
import Testing
import TestSupport

@Suite("Bodies of the management API", .liveServer { $0.access = .accounts })
struct ManagementBodyTests {
  private let server = LiveServer.current

  @Test(
    "what does not fit the description is refused with what is wrong",
    arguments: [
      ("", "no JSON"), ("{", "no JSON"), ("[]", "a JSON object"), ("null", "a JSON object"),
      (#""name""#, "a JSON object"),
      ("{}", "lacks name"), (#"{"name":"a","nmae":"b"}"#, "there is not"), (#"{"name":1}"#, "name has to be a string"),
      (#"{"name":null}"#, "name has to be a string"), (#"{"name":"a","name":"b"}"#, "stands twice"),
      (#"{"name":"a","administrator":"true"}"#, "administrator has to be true or false"),
      (#"{"name":"a"} x"#, "no JSON"), (#"{"name":"\ud800"}"#, "no JSON"),
      (#"{"name":"a","password":"too few"}"#, "8 are the least"),
      (#"{"name":"a","password":"long enough","passwordHash":"$2y$10$x"}"#, "exclude each other"),
      (#"{"name":"a","passwordHash":"plain text"}"#, "not a hash"), (#"{"name":"a/b"}"#, "name of a user"),
      (#"{"name":"UPPER"}"#, "name of a user"), (#"{"name":""}"#, "name of a user"),
    ])
  func users(_ body: String, _ reason: String) async throws {
    let reply = try await server.manage(.POST, "users", body)
    #expect(reply.status == 400, "\(reply.status) \(reply.text)")
    #expect(reply.text.contains(reason), "\(reply.text)")
    for secret in ["too few", "long enough", "plain text", "$2y$10$x"] { #expect(!reply.text.contains(secret)) }
  }

  @Test(
    "a token of what there is not is refused",
    arguments: [
      (#"{"name":"a","scopes":[]}"#, "one scope or more"), (#"{"name":"a","scopes":["root"]}"#, "has to be one of"),
      (#"{"name":"a","scopes":"admin"}"#, "an array"), (#"{"name":"","scopes":["admin"]}"#, "from 1 to 100"),
      (#"{"name":"a\nb","scopes":["admin"]}"#, "printable"),
      (#"{"name":"a","scopes":["admin"],"repositories":[""]}"#, "a pattern has"),
      (#"{"name":"a","scopes":["admin"],"repositories":[1]}"#, "has an element"),
      (#"{"name":"a","scopes":["admin"],"expiresAt":"tomorrow"}"#, "a moment such as"),
      (#"{"name":"a","scopes":["admin"],"expiresAt":"2020-01-01T00:00:00Z"}"#, "expired already"),
      (#"{"name":"a","scopes":["admin"],"owner":"No One"}"#, "name of a user"),
    ])
  func tokens(_ body: String, _ reason: String) async throws {
    let reply = try await server.manage(.POST, "tokens", body)
    #expect(reply.status == 400, "\(reply.status) \(reply.text)")
    #expect(reply.text.contains(reason), "\(reply.text)")
  }

  @Test("a body that is too large is refused, whether its length is said or not")
  func tooLarge() async throws {
    let body = Array(#"{"name":"\#(String(repeating: "a", count: 70_000))"}"#.utf8)
    let login = try server.administrator
    let reply = try await server.send(.POST, "/api/v1/users", as: login, body: body)
    #expect(reply.status == 413 && reply.isError(.sizeInvalid))
    let streamed = try await server.stream(.POST, "/api/v1/users", login.headers, pieces: [body])
    #expect(streamed.status == 413 && streamed.isError(.sizeInvalid))
  }

  @Test("null takes a repository's own visibility away, and is no value elsewhere")
  func null() async throws {
    let user = try await server.makeUser()
    try await server.mustManage(.POST, "repositories", #"{"name":"\#(user.name)/a","visibility":"public"}"#)
    let path = "repositories/\(user.name)/a"
    #expect(try await server.manage(.GET, path).text.contains(#""visibility":"public","inherited":false"#))
    try await server.mustManage(.PATCH, path, #"{}"#)
    #expect(try await server.manage(.GET, path).text.contains(#""visibility":"public","inherited":false"#))
    try await server.mustManage(.PATCH, path, #"{"visibility":null}"#)
    #expect(try await server.manage(.GET, path).text.contains(#""visibility":"private","inherited":true"#))
    #expect(try await server.manage(.PATCH, "users/\(user.name)", #"{"disabled":null}"#).status == 400)
  }

  @Test(
    "names and numbers in paths and queries that are none are refused",
    arguments: [
      ("users/UPPER", 400), ("organizations/a%2Fb", 400), ("organizations/a/members/B", 400), ("tokens/x", 400),
      ("tokens/0", 400), ("tokens/-1", 400), ("repositories/UPPER", 400), ("repositories/a//b", 400),
      ("users?n=0", 400), ("users?n=1001", 400), ("repositories?n=x", 400),
      ("audit?since=yesterday", 400), ("audit?outcome=maybe", 400), ("audit?before=0", 400), ("audit?n=", 400),
      ("authorization?repository=a/b", 400), ("authorization?action=fly&repository=a/b", 400),
      ("authorization?action=pull", 400), ("authorization?action=pull&repository=a/b&as=No%20One", 400),
      ("tokens?owner=No%20One", 400), ("no-such", 404), ("users/a/b", 404), ("", 404), ("whoami/", 404),
    ])
  func paths(_ path: String, _ status: Int) async throws {
    let method: HTTPMethod = path.hasPrefix("tokens/") ? .DELETE : .GET
    let reply = try await server.manage(method, path)
    #expect(reply.status == status, "\(reply.text)")
  }
}
