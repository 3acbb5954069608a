import NIOHTTP1
import OCI
import Testing
import TestSupport

@Suite("Manifests", .liveServer)
struct ManifestTests {
  private let server = LiveServer.current
  private let repository = LiveServer.newRepository()

  private func expect(_ sample: ManifestSample, at reference: String, digest: Digest) async throws {
    let target = "/v2/\(repository)/manifests/\(reference)"
    for method in [HTTPMethod.GET, .HEAD] {
      let reply = try await server.send(method, target)
      #expect(reply.status == 200)
      #expect(reply["Content-Type"] == sample.type.value)
      #expect(reply["Content-Length"] == "\(sample.bytes.count)")
      #expect(reply["Docker-Content-Digest"] == digest.description)
      #expect(reply["ETag"] == "\"\(digest)\"")
      #expect(reply.body == (method == .GET ? sample.bytes : []))
    }
  }

  @Test("bytes and media type come back exactly, by tag and by digest", arguments: ManifestSample.all)
  func byTag(_ sample: ManifestSample) async throws {
    try await sample.pushReferences(to: repository, of: server)
    let digest = Digest.of(sample.bytes)
    let reply = try await server.pushManifest(sample.bytes, to: repository, as: "v1", type: sample.type)
    #expect(reply.status == 201, "\(reply.text)")
    #expect(reply["Location"] == "/v2/\(repository)/manifests/\(digest)")
    #expect(reply["Docker-Content-Digest"] == digest.description)
    #expect(reply["OCI-Subject"] == sample.subject?.description)
    #expect(reply.body.isEmpty)
    try await expect(sample, at: "v1", digest: digest)
    try await expect(sample, at: digest.description, digest: digest)
  }

  @Test(
    "a manifest is pushed by its digest, of either algorithm", arguments: Digest.Algorithm.allCases, ManifestSample.all)
  func byDigest(_ algorithm: Digest.Algorithm, _ sample: ManifestSample) async throws {
    try await sample.pushReferences(to: repository, of: server)
    let digest = Digest.of(sample.bytes, algorithm: algorithm)
    let reply = try await server.pushManifest(
      sample.bytes, to: repository, as: digest.description, type: sample.type)
    #expect(reply.status == 201, "\(reply.text)")
    #expect(reply["Docker-Content-Digest"] == digest.description)
    try await expect(sample, at: digest.description, digest: digest)
  }

  @Test("a manifest whose request does not say its type has that of its own mediaType")
  func noContentType() async throws {
    let sample = ManifestSample.ociIndex
    try await sample.pushReferences(to: repository, of: server)
    let reply = try await server.send(.PUT, "/v2/\(repository)/manifests/v1", body: sample.bytes)
    #expect(reply.status == 201)
    try await expect(sample, at: "v1", digest: Digest.of(sample.bytes))
  }

  @Test("images of blobs that have sha512 digests are taken")
  func sha512References() async throws {
    let (config, layer) = (Array("{}".utf8), Sample.newBytes(10))
    let digests = [
      try await server.pushBlob(config, to: repository, algorithm: .sha512),
      try await server.pushBlob(layer, to: repository, algorithm: .sha512),
    ]
    let text =
      #"{"schemaVersion":2,"config":{"mediaType":"application/vnd.oci.empty.v1+json","digest":"\#(digests[0])","size":2},"layers":[{"mediaType":"text/plain","digest":"\#(digests[1])","size":10}]}"#
    #expect(try await server.pushManifest(Array(text.utf8), to: repository, as: "v1").status == 201)
  }

  @Test("a client that has the manifest is told so", arguments: [HTTPMethod.GET, .HEAD])
  func notModified(_ method: HTTPMethod) async throws {
    let image = try await server.pushImage(to: repository, as: "v1")
    for reference in ["v1", image.digest.description] {
      let target = "/v2/\(repository)/manifests/\(reference)"
      let same = try await server.send(method, target, [("If-None-Match", "\"\(image.digest)\"")])
      #expect(same.status == 304)
      #expect(same.body.isEmpty)
      #expect(same["Docker-Content-Digest"] == image.digest.description)
      #expect(try await server.send(method, target, [("If-None-Match", "\"other\"")]).status == 200)
    }
  }

  @Test("a manifest that is not there is unknown", arguments: ["v1", "sha256:\(String(repeating: "0", count: 64))"])
  func unknown(_ reference: String) async throws {
    for name in [repository, LiveServer.newRepository()] {
      for method in [HTTPMethod.GET, .DELETE] {
        let reply = try await server.send(method, "/v2/\(name)/manifests/\(reference)")
        #expect(reply.status == 404 && reply.isError(.manifestUnknown))
      }
      #expect(try await server.send(.HEAD, "/v2/\(name)/manifests/\(reference)").body.isEmpty)
    }
  }

  @Test("a manifest of exactly the limit is taken")
  func largest() async throws {
    try await server.pushBlob(Array("{}".utf8), to: repository)
    let padding = (4 << 20) - Sample.image(layers: [], extra: #","annotations":{"a":""}"#).count
    let bytes = Sample.image(
      layers: [], extra: #","annotations":{"a":"\#(String(repeating: "x", count: padding))"}"#)
    #expect(bytes.count == 4 << 20)
    #expect(try await server.pushManifest(bytes, to: repository, as: "large").status == 201)
    #expect(try await server.send(.GET, "/v2/\(repository)/manifests/large").body == bytes)
  }

  @Test("a manifest that says it is larger than the limit is refused before its body is sent")
  func tooLarge() async throws {
    let head = "PUT /v2/\(repository)/manifests/v1 HTTP/1.1\r\nHost: a\r\nContent-Length: \((4 << 20) + 1)\r\n\r\n"
    let reply = try await RawClient.talk(to: server.port) { client in
      try client.send(head)
      return try client.receiveResponse()
    }
    #expect(reply.head.hasPrefix("HTTP/1.1 413 "))
    #expect(reply.body.contains(#""code":"SIZE_INVALID""#) && reply.body.contains("max-manifest-size"))
  }

  @Test("a manifest that turns out larger than the limit is refused there")
  func tooLargeInChunks() async throws {
    let head = "PUT /v2/\(repository)/manifests/v1 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    let reply = try await RawClient.talk(to: server.port) { client in
      try client.send(head + "400001\r\n")
      try client.send([UInt8](repeating: UInt8(ascii: " "), count: (4 << 20) + 1))
      return try client.receiveResponse()
    }
    #expect(reply.head.hasPrefix("HTTP/1.1 413 "))
    #expect(reply.body.contains(#""code":"SIZE_INVALID""#))
  }
}
