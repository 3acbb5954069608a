import Foundation
import OCI
import TestSupport
import Testing

@testable import RegistryClient

@Suite struct DockerCredentialsTests {
  /// Lends a folder that is home, with files in it that each hold a credential of a user called as the file is.
  private func withFiles(
    _ files: [String], variables: [String: String] = [:],
    _ body: (_ credentials: DockerCredentials, _ folder: String) async throws -> Void
  ) async throws {
    try await withTemporaryFolder { folder in
      for name in files { try write(Self.text(user: name), to: "\(folder)/\(name)") }
      try await body(credentials(folder, variables), folder)
    }
  }

  private func credentials(
    _ folder: String, _ variables: [String: String] = [:], memory: Duration = .seconds(3600)
  ) -> DockerCredentials {
    var environment = ["HOME": folder, "XDG_RUNTIME_DIR": "\(folder)/run"]
    for (name, value) in variables { environment[name] = value.replacing("~", with: folder) }
    return DockerCredentials(ConfigurationPlaces(environment: environment), memory: memory)
  }

  private func write(_ text: String, to path: String) throws {
    let url = URL(filePath: path)
    try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try text.write(to: url, atomically: true, encoding: .utf8)
  }

  private static func text(user: String) -> String {
    #"{"auths": {"a.example.org": {"username": "\#(user)", "password": "x"}}}"#
  }

  private func user(_ credentials: DockerCredentials, _ host: String = "a.example.org") async throws -> String? {
    let credential = try await credentials.credential(for: RegistryHost(parsing: host), repository: nil)
    guard case .password(let user, _) = credential else { return nil }
    return user
  }

  private static let all = [
    "named.json", ".docker/config.json", "run/containers/auth.json", ".config/containers/auth.json",
  ]

  @Test("the files are asked in their order", arguments: 0...all.count)
  func order(_ missing: Int) async throws {
    let files = Array(Self.all[missing...])
    try await withFiles(files, variables: ["REGISTRY_AUTH_FILE": "~/named.json"]) { credentials, _ in
      let (first, other) = (try await user(credentials), try await user(credentials, "b.example.org"))
      #expect(first == files.first)
      #expect(other == nil)
    }
  }

  @Test(
    "variables say where the files are",
    arguments: [
      (["DOCKER_CONFIG": "~/docker"], "docker/config.json"), (["XDG_CONFIG_HOME": "~/xdg"], "xdg/containers/auth.json"),
      (["REGISTRY_AUTH_FILE": "", "DOCKER_CONFIG": ""], ".docker/config.json"),
    ])
  func variables(_ variables: [String: String], _ file: String) async throws {
    try await withFiles([file], variables: variables) { credentials, folder in
      #expect(try await user(credentials) == file)
      let found = try await credentials.find(for: RegistryHost(parsing: "a.example.org"), repository: nil)
      #expect(found?.origin == "the login in \(folder)/\(file)")
    }
  }

  @Test("DOCKER_AUTH_CONFIG comes before all files, and is named where it is malformed")
  func environment() async throws {
    let variables = ["DOCKER_AUTH_CONFIG": Self.text(user: "environment")]
    try await withFiles(Self.all, variables: variables) { credentials, _ in
      let found = try await user(credentials)
      #expect(found == "environment")
    }
    try await withFiles(Self.all, variables: ["DOCKER_AUTH_CONFIG": #"{"auths": "secret"}"#]) { credentials, _ in
      let error = await #expect(throws: InvalidConfiguration.self) { try await user(credentials) }
      #expect(error?.description.hasPrefix("DOCKER_AUTH_CONFIG: ") == true)
      #expect(error?.description.contains("secret") == false)
    }
  }

  @Test("an entry without a credential leads on to the next file")
  func emptyEntry() async throws {
    try await withFiles(["run/containers/auth.json"]) { credentials, folder in
      try write(#"{"auths": {"a.example.org": {}}}"#, to: "\(folder)/.docker/config.json")
      #expect(try await user(credentials) == "run/containers/auth.json")
    }
  }

  @Test("a file that cannot be read is an error that names it")
  func unreadable() async throws {
    try await withFiles([]) { credentials, folder in
      let path = "\(folder)/.docker/config.json"
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
      let error = await #expect(throws: InvalidConfiguration.self) { try await user(credentials) }
      #expect(error?.description.hasPrefix("\(path): ") == true)
    }
  }

  @Test("a login counts at once")
  func freshness() async throws {
    try await withFiles([".docker/config.json"]) { credentials, folder in
      #expect(try await user(credentials) == ".docker/config.json")
      try write(Self.text(user: "another"), to: "\(folder)/.docker/config.json")
      #expect(try await user(credentials) == "another")
    }
  }

  @Test("a helper is asked before the entries beside it, and what it does not have is looked for there and further on")
  func helper() async throws {
    try await withTemporaryFolder { folder in
      let script = try HelperScript(
        "fake", in: folder,
        """
        case $input in
        b.example.org) echo '{"Username":"helped","Secret":"x"}';;
        *) echo 'credentials not found in native keychain'; exit 1;;
        esac
        """)
      let entries = #"{"a.example.org": {"username": "entry", "password": "x"}, "b.example.org": {}}"#
      try write(#"{"auths": \#(entries), "credsStore": "fake"}"#, to: "\(folder)/.docker/config.json")
      let credentials = credentials(folder, ["PATH": script.folder])
      #expect(try await user(credentials, "b.example.org") == "helped")
      #expect(try await user(credentials, "a.example.org") == "entry")
      #expect(try await user(credentials, "c.example.org") == nil)
      let found = try await credentials.find(for: RegistryHost(parsing: "b.example.org"), repository: nil)
      #expect(found?.origin.contains("docker-credential-fake") == true)
    }
  }

  @Test("a helper is asked once for many who want the same, and again when its answer is forgotten")
  func memory() async throws {
    try await withTemporaryFolder { folder in
      let script = try HelperScript("fake", in: folder, #"echo '{"Username":"helped","Secret":"x"}'"#)
      try write(#"{"credsStore": "fake"}"#, to: "\(folder)/.docker/config.json")
      let remembering = credentials(folder, ["PATH": script.folder])
      try await withThrowingTaskGroup(of: String?.self) { group in
        for _ in 0..<20 { group.addTask { try await user(remembering) } }
        for try await name in group { #expect(name == "helped") }
      }
      #expect(try script.lines.count == 1)
      let forgetful = credentials(folder, ["PATH": script.folder], memory: .zero)
      for _ in 0..<2 { #expect(try await user(forgetful) == "helped") }
      #expect(try script.lines.count == 3)
    }
  }
}
