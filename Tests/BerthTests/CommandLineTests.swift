import ArgumentParser
import Catalog
import Testing

@testable import berth

@Suite struct CommandLineTests {
  @Test(
    "wrong use is refused with one message and exit status 64",
    arguments: [
      (["user", "add"], "Missing expected argument '<user>'"),
      (["user", "add", "Alice"], "has up to 64 lower-case letters"),
      (["user", "add", "alice", "--no-password", "--password-stdin"], "exclude each other"),
      (["user", "set", "alice"], "there is nothing to change"),
      (["user", "set", "alice", "--admin", "perhaps"], "'perhaps' is invalid"),
      (["org", "set", "team"], "there is nothing to change"),
      (["org", "set", "team", "--default-visibility", "secret"], "'public', 'internal' or 'private'"),
      (["org", "member", "set", "team", "alice", "owner"], "'read', 'write' or 'admin'"),
      (["token", "create"], "Missing expected argument '--scope"),
      (["token", "create", "--scope", "read:packages,everything"], "the scopes are read:packages, write:packages"),
      (["token", "create", "--scope", ""], "the scopes are"),
      (["token", "create", "--scope", "admin", "--expires", "soon"], "write a duration"),
      (["token", "revoke", "0"], "1 or more"),
      (["token", "revoke", "ci"], "'ci' is invalid"),
      (["visibility", "team/api", "secret"], "'public', 'internal', 'private' or 'inherit'"),
      (["visibility", "Team/api"], "is not a repository name"),
      (["authz", "explain", "peek", "team/api"], "'pull', 'push' or 'delete'"),
      (["audit", "-n", "0"], "1 or more"),
      (["audit", "--since", "yesterday"], "write a duration"),
      (["audit", "--outcome", "maybe"], "'done' and 'denied'"),
      (["login"], "Missing expected argument '--username"),
      (["login", "-u", "a:b"], "no colon"),
    ])
  func wrongUse(_ arguments: [String], _ message: String) {
    do {
      _ = try Berth.parseAsRoot(arguments)
      Issue.record("\(arguments) was taken")
    } catch {
      #expect(Berth.exitCode(for: error).rawValue == 64)
      #expect(Berth.message(for: error).contains(message))
    }
  }

  @Test("scopes may be parted by commas, and the option may be repeated")
  func scopes() throws {
    let arguments = ["token", "create", "--scope", "read:packages,write:packages", "--scope", "delete:packages"]
    let command = try #require(try Berth.parseAsRoot(arguments) as? TokenCreateCommand)
    #expect(command.scopes.flatMap(\.scopes) == [.readPackages, .writePackages, .deletePackages])
  }

  @Test("a failure of a command that was called rightly is exit status 1")
  func failure() {
    #expect(Berth.exitCode(for: CommandFailure("no")).rawValue == 1)
  }
}
