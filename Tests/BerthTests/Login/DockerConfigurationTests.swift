import Foundation
import TestSupport
import Testing

@testable import berth

@Suite struct DockerConfigurationTests {
  private let server: ServerAddress
  private static let authorization = "Basic YWxpY2U6d29uOmRlcmxhbmQ="

  init() throws {
    server = try ServerAddress(parsing: "registry.example.org:5000")
  }

  private func withFile(_ text: String?, _ body: (String) throws -> Void) async throws {
    try await withTemporaryFolder { folder in
      let path = "\(folder)/docker/config.json"
      if let text {
        try FileManager.default.createDirectory(atPath: "\(folder)/docker", withIntermediateDirectories: true)
        try text.write(toFile: path, atomically: true, encoding: .utf8)
      }
      try body(path)
    }
  }

  private func object(_ path: String) throws -> NSDictionary {
    try #require(try JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: path))) as? NSDictionary)
  }

  private func permissions(_ path: String) throws -> Int? {
    try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
  }

  @Test("a credential that was stored is read back, a password with colons included", arguments: [nil, "", "{}"])
  func roundTrip(_ before: String?) async throws {
    try await withFile(before) { path in
      var logins = try DockerConfiguration(path: path)
      #expect(try logins.credential(for: server) == nil)
      logins.setCredential(user: "alice", password: "won:derland", for: server)
      try logins.save()
      let credential = try #require(try DockerConfiguration(path: path).credential(for: server))
      #expect(credential.authorization == Self.authorization)
      #expect(try DockerConfiguration(path: path).credential(for: .standard) == nil)
    }
  }

  @Test("what berth does not know stays in the file as it was")
  func unknownMembers() async throws {
    let before = #"""
      {"auths": {"ghcr.io": {"auth": "eDp5", "email": "x@example.org"}, "helped.example.org": {}},
       "credHelpers": {"gcr.io": "gcloud"}, "HttpHeaders": {"User-Agent": "Docker/\u00e9"}, "detachKeys": "ctrl-e,e",
       "experimental": true, "zero": 0, "no": false, "nothing": null, "big": 12345678901234567890123, "fraction": 0.25,
       "plugins": {"debug": {"hooks": ["a/b", []]}}}
      """#
    try await withFile(before) { path in
      let old = try object(path)
      var logins = try DockerConfiguration(path: path)
      logins.setCredential(user: "alice", password: "wonderland", for: server)
      try logins.save()
      let text = try String(contentsOfFile: path, encoding: .utf8)
      for written in ["true", "false", "null", "12345678901234567890123", "0.25", #""a/b""#] {
        #expect(text.contains(written))
      }
      logins.removeCredentials(for: server)
      try logins.save()
      #expect(try object(path) == old)
    }
  }

  @Test("the file is for nobody else to read, whatever it was before, and nothing is left beside it")
  func permissions() async throws {
    try await withFile("{}") { path in
      try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
      var logins = try DockerConfiguration(path: path)
      logins.setCredential(user: "alice", password: "wonderland", for: server)
      try logins.save()
      #expect(try permissions(path) == 0o600)
      let folder = URL(filePath: path).deletingLastPathComponent().path
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["config.json"])
    }
  }

  @Test("a folder that is made is for nobody else to enter")
  func folderPermissions() async throws {
    try await withFile(nil) { path in
      try DockerConfiguration(path: path).save()
      #expect(try permissions(URL(filePath: path).deletingLastPathComponent().path) == 0o700)
    }
  }

  @Test("readers that have the old file open read it to its end, because a new one takes its place")
  func atomicity() async throws {
    try await withFile(#"{"old": true}"#) { path in
      let reader = try #require(FileHandle(forReadingAtPath: path))
      var logins = try DockerConfiguration(path: path)
      logins.setCredential(user: "alice", password: "wonderland", for: server)
      try logins.save()
      #expect(try reader.readToEnd() == Data(#"{"old": true}"#.utf8))
    }
  }

  @Test("where the file is a link, what it points to is written and the link stays")
  func link() async throws {
    try await withFile("{}") { path in
      let link = path + ".link"
      try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: path)
      var logins = try DockerConfiguration(path: link)
      logins.setCredential(user: "alice", password: "wonderland", for: server)
      try logins.save()
      #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == path)
      #expect(try DockerConfiguration(path: path).credential(for: server) != nil)
    }
  }

  @Test(
    "a file that is no configuration is an error that names it, and stays as it is",
    arguments: ["{", "[]", "null", "{\"auths\": []}", "{\"auths\": {\"a\": 1}}", "not JSON"])
  func malformed(_ text: String) async throws {
    try await withFile(text) { path in
      let error = #expect(throws: CommandFailure.self) { try DockerConfiguration(path: path) }
      #expect(error?.description.contains(path) == true)
      let after = try String(contentsOfFile: path, encoding: .utf8)
      #expect(after == text)
    }
  }

  @Test(
    "an entry that is no name and password is an error that says how to mend it",
    arguments: ["%%%", "YWxpY2U=", "//79"])
  func malformedEntry(_ auth: String) async throws {
    try await withFile(#"{"auths": {"registry.example.org:5000": {"auth": "\#(auth)"}}}"#) { path in
      let logins = try DockerConfiguration(path: path)
      let error = #expect(throws: CommandFailure.self) { try logins.credential(for: server) }
      #expect(error?.description.contains("berth login") == true)
      #expect(error?.description.contains(auth) == false)
    }
  }

  @Test("entries that older programs wrote under a URL count, and go with the server's own")
  func urlKeys() async throws {
    let before = """
      {"auths": {"https://registry.example.org:5000/v1/": {"auth": "YWxpY2U6d29uOmRlcmxhbmQ="}, "ghcr.io": {}}}
      """
    try await withFile(before) { path in
      var logins = try DockerConfiguration(path: path)
      #expect(try logins.credential(for: server)?.authorization == Self.authorization)
      logins.setCredential(user: "bob", password: "builder1", for: server)
      try logins.save()
      let auths = try #require(try object(path)["auths"] as? [String: Any])
      #expect(auths.keys.sorted() == ["ghcr.io", "registry.example.org:5000"])
      let (first, second) = (logins.removeCredentials(for: server), logins.removeCredentials(for: server))
      #expect(first && !second)
    }
  }

  @Test("the helper of a host comes before the one of all")
  func helpers() async throws {
    try await withFile(#"{"credHelpers": {"registry.example.org:5000": "one"}, "credsStore": "all"}"#) { path in
      let logins = try DockerConfiguration(path: path)
      #expect(logins.credentialHelper(for: server) == "one")
      #expect(logins.credentialHelper(for: .standard) == "all")
    }
  }

  @Test("the file is in DOCKER_CONFIG, or else in the home folder")
  func place() {
    let environment = ["DOCKER_CONFIG": "/docker", "HOME": "/home/alice"]
    #expect(DockerConfiguration.path(environment: environment) == "/docker/config.json")
    #expect(DockerConfiguration.path(environment: ["HOME": "/home/alice"]) == "/home/alice/.docker/config.json")
  }
}
