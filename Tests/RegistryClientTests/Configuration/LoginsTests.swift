import Foundation
import OCI
import TestSupport
import Testing

@testable import RegistryClient

@Suite struct LoginsTests {
  /// A home folder with Docker's configuration in it.
  private struct Home {
    let folder: String
    var variables: [String: String] = [:]

    var path: String { "\(folder)/.docker/config.json" }
    var environment: [String: String] {
      variables.merging(["HOME": folder, "XDG_RUNTIME_DIR": "\(folder)/run"]) { given, _ in given }
    }
    var logins: Logins { Logins(environment: environment) }

    func credential(_ host: RegistryHost) async throws -> RegistryCredential? {
      try await DockerCredentials(environment: environment).credential(for: host, repository: nil)
    }

    func object() throws -> NSDictionary {
      try #require(try JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: path))) as? NSDictionary)
    }

    func permissions(_ path: String) throws -> Int? {
      try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }
  }

  private let host: RegistryHost
  private let alice = RegistryCredential.password(user: "alice", password: "won:derland")

  init() throws {
    host = try RegistryHost(parsing: "registry.example.org:5000")
  }

  private func withHome(_ text: String?, _ body: (Home) async throws -> Void) async throws {
    try await withTemporaryFolder { folder in
      let home = Home(folder: folder)
      if let text {
        try FileManager.default.createDirectory(atPath: "\(folder)/.docker", withIntermediateDirectories: true)
        try text.write(toFile: home.path, atomically: true, encoding: .utf8)
      }
      try await body(home)
    }
  }

  @discardableResult
  private func logIn(_ home: Home) async throws -> String {
    try await home.logins.store(user: "alice", password: "won:derland", for: host)
  }

  @Test("a credential that was stored is found, a password with colons included", arguments: [nil, "", "{}"])
  func roundTrip(_ before: String?) async throws {
    try await withHome(before) { home in
      #expect(try await home.credential(host) == nil)
      let place = try await logIn(home)
      #expect(place == home.path)
      #expect(try await home.credential(host) == alice)
      #expect(try await home.credential(RegistryHost(parsing: "registry.example.org")) == nil)
      #expect(try await home.logins.remove(for: host) == home.path)
      #expect(try await home.credential(host) == nil)
      #expect(try await home.logins.remove(for: host) == nil)
    }
  }

  @Test("to log out where nobody logged in makes no file")
  func nothingToRemove() async throws {
    try await withHome(nil) { home in
      let place = try await home.logins.remove(for: host)
      #expect(place == nil)
      #expect(!FileManager.default.fileExists(atPath: "\(home.folder)/.docker"))
    }
  }

  @Test("what is not understood stays in the file as it was")
  func unknownMembers() async throws {
    let before = #"""
      {"auths": {"ghcr.io": {"auth": "eDp5", "email": "x@example.org"}, "helped.example.org": {},
                 "registry.example.org:5000/team": {"auth": "eDp5"}},
       "credHelpers": {"gcr.io": "gcloud"}, "HttpHeaders": {"User-Agent": "Docker/\u00e9"}, "detachKeys": "ctrl-e,e",
       "experimental": true, "zero": 0, "no": false, "nothing": null, "big": 12345678901234567890123, "fraction": 0.25,
       "plugins": {"debug": {"hooks": ["a/b", []]}}}
      """#
    try await withHome(before) { home in
      let old = try home.object()
      try await logIn(home)
      let text = try String(contentsOfFile: home.path, encoding: .utf8)
      for written in ["true", "false", "null", "12345678901234567890123", "0.25", #""a/b""#] {
        #expect(text.contains(written))
      }
      _ = try await home.logins.remove(for: host)
      #expect(try home.object() == old)
    }
  }

  @Test("writers at the same time lose nothing of what the others write")
  func concurrentWriters() async throws {
    try await withHome(#"{"detachKeys": "ctrl-e,e"}"#) { home in
      let names = (0..<16).map { "a\($0).example.org" }
      try await withThrowingTaskGroup(of: Void.self) { group in
        for name in names {
          group.addTask {
            let file = URL(filePath: home.path).path
            // Not by `Logins`, whose thread would bring the writers in line.
            try await Task.detached {
              let host = try RegistryHost(parsing: name)
              try DockerConfiguration.update(file) { $0.setCredential(user: name, password: "x", for: host) }
            }.value
          }
        }
        try await group.waitForAll()
      }
      for name in names {
        #expect(try await home.credential(RegistryHost(parsing: name)) == .password(user: name, password: "x"))
      }
      #expect(try home.object()["detachKeys"] as? String == "ctrl-e,e")
    }
  }

  @Test("the file is for nobody else to read, whatever it was before, and nothing is left beside it")
  func permissions() async throws {
    try await withHome("{}") { home in
      try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: home.path)
      try await logIn(home)
      #expect(try home.permissions(home.path) == 0o600)
      #expect(try FileManager.default.contentsOfDirectory(atPath: "\(home.folder)/.docker") == ["config.json"])
    }
  }

  @Test("a folder that is made is for nobody else to enter")
  func folderPermissions() async throws {
    try await withHome(nil) { home in
      try await logIn(home)
      #expect(try home.permissions("\(home.folder)/.docker") == 0o700)
      #expect(try home.permissions(home.path) == 0o600)
    }
  }

  @Test("readers that have the old file open read it to its end, because a new one takes its place")
  func atomicity() async throws {
    try await withHome(#"{"old": true}"#) { home in
      let reader = try #require(FileHandle(forReadingAtPath: home.path))
      try await logIn(home)
      #expect(try reader.readToEnd() == Data(#"{"old": true}"#.utf8))
    }
  }

  @Test("where the file is a link, what it points to is written and the link stays")
  func link() async throws {
    try await withHome(nil) { home in
      let target = "\(home.folder)/elsewhere/settings.json"
      for folder in ["elsewhere", ".docker"] {
        try FileManager.default.createDirectory(
          atPath: "\(home.folder)/\(folder)", withIntermediateDirectories: true)
      }
      try "{}".write(toFile: target, atomically: true, encoding: .utf8)
      try FileManager.default.createSymbolicLink(atPath: home.path, withDestinationPath: target)
      try await logIn(home)
      #expect(try FileManager.default.destinationOfSymbolicLink(atPath: home.path) == target)
      #expect(try String(contentsOfFile: target, encoding: .utf8).contains("registry.example.org:5000"))
      #expect(try await home.credential(host) == alice)
    }
  }

  @Test("a file that is no configuration is an error that names it, and stays as it is", arguments: ["{", "[]", "x"])
  func malformed(_ text: String) async throws {
    try await withHome(text) { home in
      for change in [{ try await logIn(home) }, { try await home.logins.remove(for: host) ?? "" }] {
        let error = await #expect(throws: InvalidConfiguration.self) { try await change() }
        #expect(error?.description.hasPrefix(home.path) == true)
      }
      let after = try String(contentsOfFile: home.path, encoding: .utf8)
      #expect(after == text)
    }
  }

  @Test("entries that older programs wrote under a URL go with the registry's own")
  func urlKeys() async throws {
    let before = #"{"auths": {"https://registry.example.org:5000/v1/": {"auth": "eDp5"}, "ghcr.io": {}}}"#
    try await withHome(before) { home in
      try await logIn(home)
      let auths = try #require(try home.object()["auths"] as? [String: Any])
      #expect(auths.keys.sorted() == ["ghcr.io", "registry.example.org:5000"])
    }
  }

  @Test("Docker Hub's credential is stored where Docker looks for it")
  func dockerHub() async throws {
    try await withHome(#"{"auths": {"docker.io": {"auth": "eDp5"}}}"#) { home in
      _ = try await home.logins.store(user: "alice", password: "won:derland", for: .dockerHub)
      let auths = try #require(try home.object()["auths"] as? [String: Any])
      #expect(Array(auths.keys) == ["https://index.docker.io/v1/"])
      #expect(try await home.credential(.dockerHub) == alice)
    }
  }

  @Test("REGISTRY_AUTH_FILE is written to where it is set")
  func namedFile() async throws {
    try await withHome(nil) { home in
      var home = home
      home.variables["REGISTRY_AUTH_FILE"] = "\(home.folder)/own/auth.json"
      let place = try await logIn(home)
      #expect(place == "\(home.folder)/own/auth.json")
      #expect(!FileManager.default.fileExists(atPath: home.path))
      #expect(try await home.credential(host) == alice)
    }
  }

  @Test("where the file names a helper, the helper keeps the credential, and the file none")
  func helper() async throws {
    try await withHome(#"{"auths": {"registry.example.org:5000": {"auth": "eDp5"}}, "credsStore": "fake"}"#) { home in
      var home = home
      let kept = "\(home.folder)/kept"
      let script = try HelperScript(
        "fake", in: home.folder,
        """
        case $1 in
        store) echo "$input" > '\(kept)';;
        erase) /bin/rm '\(kept)';;
        get) /bin/cat '\(kept)' 2> /dev/null || { echo 'credentials not found in native keychain'; exit 1; };;
        esac
        """)
      home.variables["PATH"] = script.folder
      #expect(try await logIn(home) == "docker-credential-fake")
      let auths = try #require(try home.object()["auths"] as? NSDictionary)
      #expect(auths == ["registry.example.org:5000": [String: String]()])
      #expect(try await home.credential(host) == alice)
      #expect(try await home.logins.remove(for: host) == "docker-credential-fake")
      #expect(!FileManager.default.fileExists(atPath: kept))
      #expect(try await home.logins.remove(for: host) == nil)
      #expect(try home.object()["auths"] as? NSDictionary == [:])
    }
  }

  @Test("a helper that does not take the credential leaves the file as it was")
  func failingHelper() async throws {
    let before = #"{"credsStore": "fake"}"#
    try await withHome(before) { home in
      var home = home
      home.variables["PATH"] = try HelperScript("fake", in: home.folder, "echo locked; exit 1").folder
      let error = await #expect(throws: InvalidConfiguration.self) { try await logIn(home) }
      #expect(error?.description.contains("locked") == true)
      #expect(try String(contentsOfFile: home.path, encoding: .utf8) == before)
    }
  }
}
