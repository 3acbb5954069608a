import ArgumentParser
import Foundation
import TestSupport
import Testing

@testable import berth

@Suite struct ConnectionTests {
  private static let basic = "Basic YWxpY2U6d29uZGVybGFuZA=="

  /// Connects with these options while Docker's configuration has a login of alice for `registry.example.org`.
  private func connection(_ arguments: [String], _ environment: [String: String] = [:]) async throws -> Connection {
    try await withTemporaryFolder { folder in
      try #"{"auths": {"registry.example.org": {"auth": "YWxpY2U6d29uZGVybGFuZA=="}}}"#
        .write(toFile: "\(folder)/config.json", atomically: true, encoding: .utf8)
      let environment = environment.merging(["DOCKER_CONFIG": folder, "HOME": folder]) { $1 }
      return try await ConnectionOptions.parse(arguments).connection(environment: environment)
    }
  }

  @Test("the server is what the option says, then BERTH_SERVER, then this machine")
  func server() async throws {
    let environment = ["BERTH_SERVER": "https://b.example.org"]
    #expect(try await connection(["--server", "a.example.org"], environment).server.host == "a.example.org")
    #expect(try await connection([], environment).server.host == "b.example.org")
    #expect(try await connection([], ["BERTH_SERVER": ""]).server.description == "http://127.0.0.1:5000")
  }

  @Test("the credential is --token, then BERTH_TOKEN, then what is stored for the server, then none")
  func credential() async throws {
    let server = ["--server", "registry.example.org"]
    let environment = ["BERTH_TOKEN": "of-the-environment"]
    let option = try await connection(server + ["--token", "of-the-option"], environment).credential
    #expect(option?.authorization == "Bearer of-the-option")
    #expect(option?.description == "--token")
    let variable = try await connection(server, environment).credential
    #expect(variable?.authorization == "Bearer of-the-environment")
    #expect(variable?.description == "BERTH_TOKEN")
    let stored = try await connection(server, ["BERTH_TOKEN": ""]).credential
    #expect(stored?.authorization == Self.basic)
    #expect(stored?.description.hasPrefix("the login in ") == true)
    #expect(try await connection([]).credential == nil)
  }

  @Test("a token that cannot be sent is refused without being shown", arguments: ["a b", "a\nb", "sécret"])
  func hostileToken(_ token: String) async throws {
    let error = await #expect(throws: ValidationError.self) { try await connection([], ["BERTH_TOKEN": token]) }
    #expect(error?.message.contains("BERTH_TOKEN") == true)
    #expect(error?.message.contains(token) == false)
  }

  @Test("neither printing nor dumping a credential shows it")
  func hidesCredential() throws {
    let credential = try Credential(token: "very-secret", origin: "--token")
    var text = "\(credential)"
    dump(credential, to: &text)
    #expect(!text.contains("very-secret"))
  }

  @Test("a file of authorities that is missing, or has no certificate in it, is an error that names it")
  func authorities() async throws {
    try await withTemporaryFolder { folder in
      let path = "\(folder)/ca.pem"
      let missing = #expect(throws: CommandFailure.self) {
        try TrustOptions.parse(["--ca", path]).authorities(environment: [:])
      }
      #expect(missing?.description.contains(path) == true)
      try "no certificate".write(toFile: path, atomically: true, encoding: .utf8)
      let empty = #expect(throws: CommandFailure.self) {
        try TrustOptions.parse([]).authorities(environment: ["BERTH_CA": path])
      }
      #expect(empty?.description.contains(path) == true)
      try TestAuthority().certificate.write(toFile: path, atomically: true, encoding: .utf8)
      #expect(try TrustOptions.parse(["--ca", path]).authorities(environment: [:]).count == 1)
      #expect(try TrustOptions.parse([]).authorities(environment: [:]).isEmpty)
    }
  }
}
