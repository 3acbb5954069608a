import NIOHTTP1
import OCI
import Server
import Testing
import TestSupport

@Suite("Nobody is told which accounts there are", .liveServer { $0.access = .accounts })
struct AccountSecrecyTests {
  private let server = LiveServer.current

  @Test("an account that one may not see looks as if there were none")
  func accounts() async throws {
    let (user, team) = (try await server.makeUser(), try await server.makeOrganization())
    let stranger = try await server.makeUser()
    let pairs = [
      ("users/\(user.name)", "users/no-such"), ("organizations/\(team)", "organizations/no-such"),
      ("organizations/\(team)/members", "organizations/no-such/members"),
      ("tokens?owner=\(team)", "tokens?owner=no-such"), ("tokens?owner=\(user.name)", "tokens?owner=no-such"),
    ]
    for (login, status) in [(Login.nobody, 401), (stranger.login, 404)] {
      for (known, unknown) in pairs {
        let replies = (
          try await server.manage(.GET, known, as: login), try await server.manage(.GET, unknown, as: login)
        )
        #expect(replies.0.status == status && replies.1.status == status)
        let text = replies.0.text.replacing(user.name, with: "no-such").replacing(team, with: "no-such")
        #expect(text == replies.1.text)
      }
    }
  }

  @Test("a wrong password and a name that is nobody's are answered alike")
  func logins() async throws {
    let user = try await server.makeUser()
    var texts: Set<String> = []
    for name in [user.name, "no-such-user", "No Name At All"] {
      let reply = try await server.send(.GET, "/token?service=berth", as: .password(name, "wrong password"))
      #expect(reply.status == 401)
      texts.insert(reply.text)
    }
    #expect(texts.count == 1)
  }

  @Test("a user without a password logs in by no password")
  func noPassword() async throws {
    let name = LiveServer.newName("tokens-only")
    try await server.mustManage(.POST, "users", #"{"name":"\#(name)"}"#)
    for password in ["", "wrong password"] {
      #expect(try await server.send(.GET, "/v2/", as: .password(name, password)).status == 401)
    }
  }
}
