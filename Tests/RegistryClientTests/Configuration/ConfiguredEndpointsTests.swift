import Foundation
import OCI
import TestSupport
import Testing

@testable import RegistryClient

@Suite struct ConfiguredEndpointsTests {
  /// Lends what is configured by files, which are named under a folder that is home and holds `etc`.
  private func withFiles(
    _ files: [String: String], variables: [String: String] = [:],
    _ body: (_ endpoints: ConfiguredEndpoints, _ folder: String) throws -> Void
  ) async throws {
    try await withTemporaryFolder { folder in
      for (name, text) in files {
        let path = URL(filePath: "\(folder)/\(name)")
        try FileManager.default.createDirectory(at: path.deletingLastPathComponent(), withIntermediateDirectories: true)
        try text.write(to: path, atomically: true, encoding: .utf8)
      }
      let environment = variables.mapValues { $0.replacing("~", with: folder) }.merging(["HOME": folder]) { $1 }
      let places = ConfigurationPlaces(environment: environment, system: "\(folder)/etc")
      try body(try await ConfiguredEndpoints.load(places), folder)
    }
  }

  /// The endpoints that a repository is pulled from: each as its URL with the repository's name there, and `!` where any
  /// certificate does.
  private func list(
    _ endpoints: ConfiguredEndpoints, _ host: String, _ repository: String?, except use: RegistryEndpoint.Use = .pushes
  ) throws -> [String] {
    let repository = try repository.map { try RepositoryName(parsing: $0) }
    let all = try endpoints.endpoints(for: RegistryHost(parsing: host), repository: repository)
    return try all.filter { $0.use != use }.map { endpoint in
      let name = try repository.map { "/\(try endpoint.repository($0))" } ?? ""
      return (endpoint.isMirror ? "mirror " : "") + "\(endpoint)\(name)" + (endpoint.tls.verifies ? "" : "!")
    }
  }

  @Test(
    "what nothing is configured for is asked itself, by HTTPS, and on this machine by HTTP",
    arguments: [
      ("docker.io", "https://registry-1.docker.io/library/alpine"),
      ("registry-1.docker.io", "https://registry-1.docker.io/library/alpine"),
      ("registry.example.org:5000", "https://registry.example.org:5000/library/alpine"),
      ("localhost:5000", "http://localhost:5000/library/alpine"),
      ("127.0.0.1", "http://127.0.0.1/library/alpine"), ("[::1]:5000", "http://[::1]:5000/library/alpine"),
    ])
  func defaults(_ host: String, _ endpoint: String) async throws {
    try await withFiles([:]) { endpoints, _ in
      let found = try list(endpoints, host, "library/alpine")
      #expect(found == [endpoint])
    }
  }

  private static let conf = """
    [[registry]]
    prefix = "docker.io"
    [[registry.mirror]]
    location = "localhost:5001"
    [[registry.mirror]]
    location = "mirror.example.org/hub"
    insecure = true

    [[registry]]
    prefix = "example.com/foo"
    location = "internal.example.net/bar"

    [[registry]]
    prefix = "*.example.com"
    location = "cache.example.net/all"

    [[registry]]
    location = "plain.example.org:5000"
    insecure = true

    [[registry]]
    location = "localhost:5002"
    insecure = false

    [[registry]]
    location = "evil.example.org/team"
    blocked = true

    [[registry]]
    prefix = "deep.example.org/a/b"
    location = "flat.example.org"
    """

  @Test(
    "mirrors come first, and names are rewritten by prefix and location",
    arguments: [
      (
        "docker.io", "library/alpine",
        [
          "mirror http://localhost:5001/library/alpine", "mirror https://mirror.example.org/hub/library/alpine!",
          "mirror http://mirror.example.org/hub/library/alpine", "https://registry-1.docker.io/library/alpine",
        ]
      ),
      ("docker.io", nil, ["https://registry-1.docker.io"]),
      ("example.com", "foo/app", ["https://internal.example.net/bar/app"]),
      ("example.com", "foo", ["https://internal.example.net/bar"]),
      ("example.com", "food", ["https://example.com/food"]), ("example.com", nil, ["https://example.com"]),
      ("a.example.com:81", "x/y", ["https://cache.example.net/all/x/y"]),
      (
        "plain.example.org:5000", "x", ["https://plain.example.org:5000/x!", "http://plain.example.org:5000/x"]
      ),
      ("localhost:5002", "x", ["https://localhost:5002/x"]), ("evil.example.org", "x", ["https://evil.example.org/x"]),
      ("deep.example.org", "a/b/c", ["https://flat.example.org/c"]),
    ] as [(String, String?, [String])])
  func configured(_ host: String, _ repository: String?, _ expected: [String]) async throws {
    try await withFiles(["etc/containers/registries.conf": Self.conf]) { endpoints, _ in
      let found = try list(endpoints, host, repository)
      #expect(found == expected)
    }
  }

  @Test(
    "a push goes where its name says",
    arguments: [
      ("docker.io", "library/alpine", ["https://registry-1.docker.io/library/alpine"]),
      ("example.com", "foo/app", ["https://example.com/foo/app"]),
      ("a.example.com:81", "x/y", ["https://a.example.com:81/x/y"]),
      ("plain.example.org:5000", "x", ["https://plain.example.org:5000/x!", "http://plain.example.org:5000/x"]),
      ("deep.example.org", "a/b/c", ["https://deep.example.org/a/b/c"]),
    ])
  func pushed(_ host: String, _ repository: String, _ expected: [String]) async throws {
    try await withFiles(["etc/containers/registries.conf": Self.conf]) { endpoints, _ in
      let found = try list(endpoints, host, repository, except: .pulls)
      #expect(found == expected)
    }
  }

  @Test("what is blocked is an error that names it and the file")
  func blocked() async throws {
    try await withFiles(["etc/containers/registries.conf": Self.conf]) { endpoints, folder in
      let error = #expect(throws: BlockedRegistry.self) { try list(endpoints, "evil.example.org", "team/app") }
      #expect(error?.description.contains("evil.example.org/team/app") == true)
      #expect(error?.description.contains("\(folder)/etc/containers/registries.conf") == true)
    }
  }

  @Test(
    "a person's file takes the place of the machine's, and the files beside them come after in the order of their names",
    arguments: [
      (["etc/containers/registries.conf"], "1"),
      (["etc/containers/registries.conf", ".config/containers/registries.conf"], "2"),
      (["etc/containers/registries.conf", "etc/containers/registries.conf.d/b.conf"], "2"),
      (["etc/containers/registries.conf.d/b.conf", "etc/containers/registries.conf.d/a.conf"], "1"),
      (["etc/containers/registries.conf.d/b.conf", ".config/containers/registries.conf.d/a.conf"], "2"),
      ([".config/containers/registries.conf", "etc/containers/registries.conf.d/b.conf"], "1"),
      (["etc/containers/registries.conf", "etc/containers/registries.conf.d/b.txt"], "1"),
    ])
  func precedence(_ paths: [String], _ expected: String) async throws {
    let files = paths.enumerated().map { index, path in
      (path, "[[registry]]\nprefix = 'a.example.org'\nlocation = 'at-\(index + 1).example.org'")
    }
    try await withFiles(Dictionary(uniqueKeysWithValues: files)) { endpoints, _ in
      let found = try list(endpoints, "a.example.org", "x")
      #expect(found == ["https://at-\(expected).example.org/x"])
    }
  }

  @Test("CONTAINERS_REGISTRIES_CONF names another file, which has to be there")
  func namedFile() async throws {
    let variables = ["CONTAINERS_REGISTRIES_CONF": "~/own.conf"]
    let files = [
      "own.conf": "[[registry]]\nprefix = 'a.example.org'\nlocation = 'b.example.org'",
      "etc/containers/registries.conf": "[[registry]]\nlocation = 'a.example.org'\nblocked = true",
    ]
    try await withFiles(files, variables: variables) { endpoints, _ in
      let found = try list(endpoints, "a.example.org", "x")
      #expect(found == ["https://b.example.org/x"])
    }
    let error = await #expect(throws: InvalidConfiguration.self) {
      try await withFiles([:], variables: variables) { _, _ in }
    }
    #expect(error?.description.contains("CONTAINERS_REGISTRIES_CONF") == true)
  }

  @Test("certificates are those of the first folder that has some for the host, and make this machine's HTTPS")
  func certificates() async throws {
    let files = [
      "etc/docker/certs.d/localhost:5000/ca.crt": "", "etc/docker/certs.d/a.example.org/old.crt": "",
      "etc/docker/certs.d/notes/README": "", "etc/containers/certs.d/a.example.org/ca.crt": "",
      ".config/containers/certs.d/a.example.org/1.crt": "", ".config/containers/certs.d/a.example.org/2.crt": "",
      ".config/containers/certs.d/a.example.org/client.cert": "",
      ".config/containers/certs.d/a.example.org/client.key": "", "etc/docker/certs.d/docker.io/hub.crt": "",
    ]
    try await withFiles(files, variables: ["SSL_CERT_FILE": "/ca.pem"]) { endpoints, folder in
      func settings(_ host: String) throws -> TLSSettings? {
        try endpoints.endpoints(for: RegistryHost(parsing: host), repository: nil).first?.tls
      }
      let own = "\(folder)/.config/containers/certs.d/a.example.org"
      let found = try settings("a.example.org")
      #expect(
        found
          == TLSSettings(
            authorities: ["\(own)/1.crt", "\(own)/2.crt", "/ca.pem"],
            clientCertificate: .init(certificate: "\(own)/client.cert", key: "\(own)/client.key")))
      #expect(try settings("a.example.org:5000") == TLSSettings(authorities: ["/ca.pem"]))
      #expect(try settings("docker.io")?.authorities.first == "\(folder)/etc/docker/certs.d/docker.io/hub.crt")
      #expect(try list(endpoints, "localhost:5000", nil) == ["https://localhost:5000"])
      #expect(try list(endpoints, "localhost:5001", nil) == ["http://localhost:5001"])
    }
  }

  @Test(
    "half of a client's certificate is an error for its registry alone",
    arguments: [["a.cert"], ["a.key"], ["a.cert", "b.key"], ["a.cert", "a.key", "b.cert", "b.key"]])
  func halfCertificates(_ names: [String]) async throws {
    let files = names.map { ("etc/docker/certs.d/a.example.org/\($0)", "") }
    try await withFiles(Dictionary(uniqueKeysWithValues: files)) { endpoints, folder in
      let error = #expect(throws: InvalidConfiguration.self) { try list(endpoints, "a.example.org", "x") }
      #expect(error?.description.hasPrefix("\(folder)/etc/docker/certs.d/a.example.org: ") == true)
      let other = try list(endpoints, "b.example.org", "x")
      #expect(other == ["https://b.example.org/x"])
    }
  }
}
