import Foundation
import TestSupport
import Testing

@testable import berth

/// `berth login` with a registry that is no berth.
@Suite struct LoginCommandTests {
  private static let authorization = "Basic YWxpY2U6d29uZGVybGFuZA=="

  private func withRegistry(
    _ body: (_ registry: ForeignRegistry, _ address: String, _ folder: String) async throws -> Void
  ) async throws {
    try await withTemporaryFolder { folder in
      let registry = try ForeignRegistry(authorization: Self.authorization, folder: folder)
      try await body(registry, "127.0.0.1:\(registry.port)", folder)
    }
  }

  private func berth(
    _ arguments: String..., folder: String, input: String = "", variables: [String: String] = [:]
  ) async throws -> CommandRun {
    try await CommandRun(arguments, folder: folder, environment: variables, input: input)
  }

  @Test(
    "a password is verified by the registry's own protocol, stored for Docker, and removed", arguments: ["", "http://"])
  func login(_ scheme: String) async throws {
    try await withRegistry { registry, address, folder in
      let run = try await berth(
        "login", "\(scheme)\(address)", "-u", "alice", "--password-stdin", folder: folder, input: "wonderland\n")
      #expect(run.status == 0, "\(run.errors)")
      #expect(run.output == "logged in to http://\(address) as alice; stored in \(folder)/docker/config.json\n")
      let stored = try String(contentsOfFile: "\(folder)/docker/config.json", encoding: .utf8)
      #expect(stored.contains("\"\(address)\""))
      #expect(stored.contains("YWxpY2U6d29uZGVybGFuZA=="))
      let requests = try registry.log
      #expect(requests.contains("GET /v2/ \(Self.authorization)"))
      #expect(requests.allSatisfy { $0.hasPrefix("GET /v2/ ") || $0.hasSuffix(" -") }, "\(requests)")
      let logout = try await berth("logout", address, folder: folder)
      #expect(logout.output == "removed the credential for \(address) from \(folder)/docker/config.json\n")
      let again = try await berth("logout", address, folder: folder)
      #expect(again.output == "\(folder)/docker/config.json has no credential for \(address)\n")
    }
  }

  @Test("a wrong password is refused, not shown, and stored nowhere")
  func wrongPassword() async throws {
    try await withRegistry { _, address, folder in
      let run = try await berth(
        "login", address, "-u", "alice", "--password-stdin", folder: folder, input: "wonderwall\n")
      #expect(run.status == 1)
      #expect(run.errors.contains(address))
      #expect(!run.errors.contains("wonderwall"))
      #expect(!FileManager.default.fileExists(atPath: "\(folder)/docker"))
    }
  }

  @Test("a configuration that cannot be understood is said so before anybody is asked, and stays as it is")
  func malformedConfiguration() async throws {
    try await withRegistry { registry, address, folder in
      let path = "\(folder)/own.json"
      try "{".write(toFile: path, atomically: true, encoding: .utf8)
      let run = try await berth(
        "login", address, "-u", "alice", "--password-stdin", folder: folder, input: "wonderland\n",
        variables: ["REGISTRY_AUTH_FILE": path])
      #expect(run.status == 1)
      #expect(run.errors.contains("\(path): it is not JSON"))
      #expect(try registry.log.isEmpty)
      #expect(try String(contentsOfFile: path, encoding: .utf8) == "{")
    }
  }

  @Test("where no registry answers, that is what is said, at once")
  func noAnswer() async throws {
    try await withTemporaryFolder { folder in
      let port = try ForeignRegistry(authorization: "", folder: folder).port
      let run = try await berth(
        "login", "127.0.0.1:\(port)", "-u", "alice", "--password-stdin", folder: folder, input: "wonderland\n")
      #expect(run.status == 1)
      #expect(run.errors.contains("127.0.0.1:\(port)"))
    }
  }
}
