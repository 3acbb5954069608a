import Access
import Foundation
import NIOHTTP1
import OCI
import Server
import TestSupport
import Testing

@Suite("A server that mirrors another", .timeLimit(.minutes(10)))
struct MirrorTests {
  private let layers = [Sample.newBytes(5_000_000), Sample.newBytes(300_000), Sample.newBytes(100)]

  @Test("fetches a cold image once for 50 clients, and serves it when the upstream is gone")
  func manyClients() async throws {
    try await MirrorPair.run("revalidate-after: 0s") { pair in
      let image = try await pair.upstream.pushImage(to: "team/app", as: "latest", layers: layers)
      let name = MirrorPair.mirrored("team/app")
      try await withThrowingTaskGroup { group in
        for _ in 0..<50 { group.addTask { try await pull(name, image.bytes, from: pair.mirror) } }
        try await group.waitForAll()
      }
      #expect(try await MirrorPair.count("GET", "blob", on: pair.upstream) == layers.count + 1)
      try await pair.stopUpstream(knowing: "/v2/\(name)/manifests/latest")
      for _ in 0..<3 {
        let reply = try await pull(name, image.bytes, from: pair.mirror)
        #expect(reply["Warning"] == #"110 - "Response is Stale""#)
      }
      let byDigest = try await pair.mirror.send(.GET, "/v2/\(name)/manifests/\(image.digest)")
      #expect(byDigest.status == 200 && byDigest["Warning"] == nil)
      let cold = try await pair.mirror.send(.GET, "/v2/\(name)/manifests/other")
      #expect(cold.status == 503 && cold.isError(.unavailable) && cold["Retry-After"] != nil, "\(cold.text)")
      let metrics = try await pair.mirror.send(.GET, "/metrics").text
      #expect(metrics.contains("berth_mirror_bytes \(5_300_102)\n"))
      #expect(metrics.contains("berth_mirror_fetched_bytes_total{upstream=\"upstream.test\"} 5300102\n"))
      #expect(metrics.contains("berth_mirror_stale_total{upstream=\"upstream.test\"} "))
    }
  }

  /// Pulls an image as a client does, and expects each byte to be right.
  @discardableResult
  private func pull(_ name: String, _ manifest: [UInt8], from server: LiveServer) async throws -> Reply {
    let reply = try await server.send(.GET, "/v2/\(name)/manifests/latest")
    #expect(reply.status == 200 && reply.body == manifest, "\(reply.status)")
    for layer in layers + [Array("{}".utf8)] {
      let blob = try await server.send(.GET, "/v2/\(name)/blobs/\(Digest.of(layer))")
      // The macro would look at each byte.
      let isWhole = blob.body == layer
      #expect(isWhole)
      #expect(blob.status == 200)
      #expect(blob["Content-Length"] == "\(layer.count)")
    }
    return reply
  }

  @Test("knows a repository by its prefix, by ns and at the root, and takes pushes beside it")
  func names() async throws {
    try await MirrorPair.run { pair in
      let image = try await pair.upstream.pushImage(to: "team/app", as: "latest", layers: layers)
      for target in [
        "/v2/upstream.test/team/app/manifests/latest", "/v2/team/app/manifests/latest",
        "/v2/team/app/manifests/latest?ns=upstream.test",
      ] {
        let reply = try await pair.mirror.send(.GET, target)
        #expect(reply.body == image.bytes, "\(target)")
        #expect(try await pair.mirror.send(.HEAD, target)["Docker-Content-Digest"] == image.digest.description)
      }
      let blob = try await pair.mirror.send(.GET, "/v2/team/app/blobs/\(Digest.of(layers[1]))?ns=upstream.test")
      #expect(blob.body == layers[1])
      #expect(try await MirrorPair.count("GET", "manifest", on: pair.upstream) == 1)
      #expect(try await pair.mirror.send(.GET, "/v2/_catalog").text == #"{"repositories":["upstream.test/team/app"]}"#)

      let refused = try await pair.mirror.send(.POST, "/v2/upstream.test/team/app/blobs/uploads/")
      #expect(refused.status == 403 && refused.isError(.denied) && refused.text.contains("is a mirror of"))
      let manifest = try await pair.mirror.pushManifest(image.bytes, to: "upstream.test/team/app", as: "mine")
      #expect(manifest.status == 403 && manifest.isError(.denied))

      // A client that is about to push asks what it need not send.
      let head = try await pair.mirror.send(.HEAD, "/v2/team/app/blobs/\(Digest.of(layers[1]))")
      #expect(head.status == 404)
      let own = try await pair.mirror.pushImage(to: "team/app", as: "latest", layers: [Array("own".utf8)])
      #expect(try await pair.mirror.send(.GET, "/v2/team/app/manifests/latest").body == own.bytes)
      #expect(try await pair.mirror.send(.GET, "/v2/team/app/manifests/latest?ns=upstream.test").body == image.bytes)
      let mounted = try await pair.mirror.send(
        .POST, "/v2/team/other/blobs/uploads/?mount=\(Digest.of(layers[1]))&from=upstream.test/team/app")
      #expect(mounted.status == 201)
    }
  }

  @Test("shows what the upstream still allows, and serves what it has when that is used up")
  func limited() async throws {
    let limit = try RateLimit(count: 2, window: .seconds(6 * 3600))
    try await MirrorPair.run(
      "revalidate-after: 0s", configureUpstream: { $0.rateLimitAnonymousPulls = limit }
    ) { pair in
      let image = try await pair.upstream.pushImage(to: "team/app", as: "latest", layers: [])
      try await pair.upstream.pushImage(to: "team/other", as: "latest", layers: [])
      let target = "/v2/\(MirrorPair.mirrored("team/app"))/manifests/latest"
      for _ in 0..<3 { #expect(try await pair.mirror.send(.GET, target).body == image.bytes) }
      let metrics = try await pair.mirror.send(.GET, "/metrics").text
      #expect(metrics.contains("berth_mirror_budget_remaining{upstream=\"upstream.test\"} 1\n"))
      #expect(metrics.contains("berth_mirror_budget_limit{upstream=\"upstream.test\"} 2\n"))
      let other = "/v2/\(MirrorPair.mirrored("team/other"))/manifests"
      #expect(try await pair.mirror.send(.GET, "\(other)/latest").status == 200)
      let refused = try await pair.mirror.send(.GET, "\(other)/new")
      #expect(refused.status == 429 && refused.isError(.tooManyRequests) && refused["Retry-After"] != nil)
      let stale = try await pair.mirror.send(.GET, target)
      #expect(stale.body == image.bytes && stale["Warning"] != nil)
    }
  }

  @Test("answers ranges and HEAD of a cold blob")
  func ranges() async throws {
    try await MirrorPair.run { pair in
      try await pair.upstream.pushImage(to: "team/app", as: "latest", layers: layers)
      let target = "/v2/\(MirrorPair.mirrored("team/app"))/blobs/\(Digest.of(layers[0]))"
      let head = try await pair.mirror.send(.HEAD, target)
      #expect(head.status == 200 && head["Content-Length"] == "5000000")
      let part = try await pair.mirror.send(.GET, target, [("Range", "bytes=4000000-4999999")])
      #expect(part.status == 206 && part.body == Array(layers[0][4_000_000...]))
      #expect(part["Content-Range"] == "bytes 4000000-4999999/5000000")
      let absent = try await pair.mirror.send(
        .GET, "/v2/\(MirrorPair.mirrored("team/app"))/blobs/\(Digest.of(Array("absent".utf8)))")
      #expect(absent.status == 404 && absent.isError(.blobUnknown))
      let gone = try await pair.mirror.send(.GET, "/v2/\(MirrorPair.mirrored("team/app"))/manifests/absent")
      #expect(gone.status == 404 && gone.isError(.manifestUnknown))
    }
  }

  @Test("gives nobody a whole blob that is wrong")
  func wrongBytes() async throws {
    try await MirrorPair.run { pair in
      try await pair.upstream.pushImage(to: "team/app", as: "latest", layers: layers)
      let digest = Digest.of(layers[0])
      let path = "\(pair.upstream.data)/blobs/sha256/\(digest.hex.prefix(2))/\(digest.hex)"
      var bytes = layers[0]
      bytes[4_999_999] ^= 1
      try Data(bytes).write(to: URL(filePath: path))
      let target = "/v2/\(MirrorPair.mirrored("team/app"))/blobs/\(digest)"
      let reply = try? await pair.mirror.send(.GET, target)
      #expect(reply == nil || reply?.status == 502, "the connection ends before the end of the blob")
      try Data(layers[0]).write(to: URL(filePath: path))
      #expect(try await pair.mirror.send(.GET, target).body == layers[0])
    }
  }

  @Test("shows what is mirrored to those whom its visibility lets", arguments: ["public", "internal", "private"])
  func access(_ visibility: String) async throws {
    try await MirrorPair.run("visibility: \(visibility)", configure: { $0.access = .accounts }) { pair in
      let image = try await pair.upstream.pushImage(to: "team/app", as: "latest", layers: layers)
      let user = try await pair.mirror.makeUser().login
      let target = "/v2/\(MirrorPair.mirrored("team/app"))/manifests/latest"
      for _ in 0..<2 {
        let anonymous = try await pair.mirror.send(.GET, target)
        #expect(anonymous.status == (visibility == "public" ? 200 : 401))
        let account = try await pair.mirror.send(.GET, target, as: user)
        #expect(account.status == (visibility == "private" ? 403 : 200))
        let administrator = try await pair.mirror.send(.GET, target, as: pair.mirror.administrator)
        #expect(administrator.status == 200 && administrator.body == image.bytes)
      }
      // Docker asks for a token for the name that it was told, here at the root.
      let token = try await pair.mirror.accessToken(as: user, scopes: ["repository:team/app:pull"])
      let rooted = try await pair.mirror.send(.GET, "/v2/team/app/manifests/latest", as: token.login)
      #expect((rooted.status == 200) == (visibility != "private"), "\(rooted.status)")
      let list = try await pair.mirror.send(.GET, "/api/v1/repositories", as: user).text
      #expect(list.contains("upstream.test/team/app") == (visibility != "private"))
      let push = try await pair.mirror.send(
        .POST, "/v2/\(MirrorPair.mirrored("team/app"))/blobs/uploads/", as: pair.mirror.administrator)
      #expect(push.status == 403 && push.text.contains("is a mirror of"))
    }
  }

  @Test("takes over its file when that changes, and keeps what was right when it is wrong")
  func changedFile() async throws {
    try await withTemporaryFolder { folder in
      let file = "\(folder)/mirror.yaml"
      try await LiveServer.run { upstream in
        try MirrorPair.file(upstream, "repositories: other/*").write(toFile: file, atomically: true, encoding: .utf8)
        try await LiveServer.run(configure: { $0.mirror = file }) { mirror in
          try await upstream.pushImage(to: "team/app", as: "latest")
          let target = "/v2/upstream.test/team/app/manifests/latest"
          #expect(try await mirror.send(.GET, target).status == 404)
          try MirrorPair.file(upstream, "repositories: team/*").write(toFile: file, atomically: true, encoding: .utf8)
          while try await mirror.send(.GET, target).status != 200 { await shortPause() }
          try "nonsense".write(toFile: file, atomically: true, encoding: .utf8)
          #expect(try await mirror.send(.GET, target).status == 200)
        }
      }
    }
  }

  @Test("does not start with a mirror file that cannot be used")
  func badFile() async throws {
    try await withTemporaryFolder { folder in
      let file = "\(folder)/mirror.yaml"
      try "upstreams: [{registry: quay.io, rot: true}]".write(toFile: file, atomically: true, encoding: .utf8)
      let error = await #expect(throws: (any Error).self) {
        try await LiveServer.run(configure: { $0.mirror = file }) { _ in }
      }
      #expect(error.map { "\($0)".contains("line 1: \"rot\" is not known here") } == true)
    }
  }
}
