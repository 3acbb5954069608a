import Foundation
import Logging
import NIOHTTP1
import OCI
import Testing
import TestSupport

@testable import Server

@Suite("The first start")
struct FirstStartTests {
  private struct Token: Decodable {
    let id: Int
  }

  /// Serves a folder once, and returns what was logged.
  private func serve(
    _ folder: String, _ configure: (inout Settings) -> Void = { _ in }, _ body: (LiveServer) async throws -> Void
  ) async throws -> [String] {
    let log = try LogCapture()
    try await LiveServer.run(
      data: folder, sink: log.sink,
      configure: { settings in
        settings.access = .accounts
        settings.logLevel = .trace
        configure(&settings)
      }, body)
    return try log.lines()
  }

  @Test("makes a token that only its owner can read, and says where once, without it")
  func token() async throws {
    try await withTemporaryFolder { folder in
      let path = "\(folder)/admin-token"
      var secret = ""
      let first = try await serve(folder) { server in
        secret = try String(contentsOfFile: path, encoding: .utf8).trimmingCharacters(in: .newlines)
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]
        #expect(mode as? Int == 0o600)
        let reply = try await server.manage(.GET, "whoami", as: .token(secret))
        #expect(reply.text.contains(#""name":"admin","kind":"user","administrator":true"#))
        try await server.makeUser("root", isAdministrator: true)
      }
      #expect(first.filter { $0.contains(path) }.count == 1)
      try FileManager.default.removeItem(atPath: path)
      let second = try await serve(folder) { server in
        let reply = try await server.manage(.GET, "users", as: .token(secret))
        #expect(reply.status == 200)
      }
      #expect(!FileManager.default.fileExists(atPath: path))
      for line in first + second { #expect(!line.contains(secret)) }
      #expect(second.allSatisfy { !$0.contains(path) })
    }
  }

  @Test("is repeated where no administrator could log in any more")
  func rescue() async throws {
    try await withTemporaryFolder { folder in
      var old: Login?
      _ = try await serve(folder) { server in
        old = try server.administrator
        let id = try #require(try await server.mustManage(.GET, "tokens").decoded([Token].self).first).id
        #expect(try await server.manage(.DELETE, "tokens/\(id)").status == 204)
        #expect(try await server.manage(.GET, "tokens").status == 401)
      }
      _ = try await serve(folder) { server in
        let new = try server.administrator
        #expect(new != old)
        #expect(try await server.manage(.GET, "whoami", as: new).text.contains(#""administrator":true"#))
        #expect(try await server.manage(.GET, "whoami", as: old).status == 401)
      }
    }
  }

  @Test("is not repeated where another administrator has a password")
  func notNeeded() async throws {
    try await withTemporaryFolder { folder in
      _ = try await serve(folder) { server in
        try await server.makeUser("root", isAdministrator: true)
        let id = try #require(try await server.mustManage(.GET, "tokens").decoded([Token].self).first).id
        try await server.mustManage(.DELETE, "tokens/\(id)")
      }
      try FileManager.default.removeItem(atPath: "\(folder)/admin-token")
      _ = try await serve(folder) { server in
        #expect(!FileManager.default.fileExists(atPath: "\(folder)/admin-token"))
        let reply = try await server.manage(.GET, "users", as: .password("root", LiveServer.password))
        #expect(reply.status == 200)
      }
    }
  }

  @Test("access tokens outlive a restart")
  func restart() async throws {
    try await withTemporaryFolder { folder in
      var access: Login?
      _ = try await serve(folder) { server in
        access = try await server.accessToken(as: try server.administrator).login
      }
      _ = try await serve(folder) { server in
        let reply = try await server.send(.GET, "/v2/", as: try #require(access))
        #expect(reply.status == 200)
      }
    }
  }

  @Test("where pushes make no repositories, one is made by hand first")
  func createOnPush() async throws {
    try await LiveServer.run(configure: { settings in
      settings.access = .accounts
      settings.createOnPush = false
    }) { server in
      let user = try await server.makeUser()
      let target = "/v2/\(user.name)/tool/blobs/uploads/"
      let access = try await server.accessToken(as: user.login, scopes: ["repository:\(user.name)/tool:pull,push"])
      for login in [user.login, access.login] {
        let reply = try await server.send(.POST, target, as: login)
        #expect(reply.status == 403 && reply.text.contains("berth repository create \(user.name)/tool"))
      }
      try await server.mustManage(.POST, "repositories", as: user.login, #"{"name":"\#(user.name)/tool"}"#)
      _ = try await server.pushNewImage(to: "\(user.name)/tool", tag: "v1", as: user.login)
    }
  }

  @Test("users of an htpasswd file log in, and have accounts from then on")
  func htpasswd() async throws {
    try await withTemporaryFolder { folder in
      let path = "\(folder)/htpasswd"
      let line = #"zoe:$2b$05$abcdefghijklmnopqrstuugwV8qBBvnFAgKU/1lAQTjzoU4mNz2BW"#
      try "\(line)\n".write(toFile: path, atomically: true, encoding: .utf8)
      _ = try await serve("\(folder)/data", { $0.htpasswd = path }) { server in
        let zoe = Login.password("zoe", "myPassword")
        #expect(try await server.manage(.GET, "users/zoe").status == 404)
        #expect(try await server.send(.GET, "/v2/", as: .password("zoe", "another")).status == 401)
        #expect(try await server.manage(.GET, "users/zoe").status == 404)
        #expect(try await server.send(.GET, "/v2/", as: zoe).status == 200)
        #expect(try await server.manage(.GET, "users/zoe").status == 200)
        _ = try await server.pushNewImage(to: "zoe/tool", tag: "v1", as: zoe)
        let access = try await server.accessToken(as: zoe)
        #expect(try await server.send(.GET, "/v2/", as: access.login).status == 200)

        try "# nobody\n".write(toFile: path, atomically: true, encoding: .utf8)
        while try await server.send(.GET, "/v2/", as: zoe).status != 401 { await shortPause() }
        #expect(try await server.send(.GET, "/v2/", as: access.login).status == 401)
      }
    }
  }
}
