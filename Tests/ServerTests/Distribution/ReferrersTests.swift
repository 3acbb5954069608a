import Foundation
import NIOHTTP1
import OCI
import Testing
import TestSupport

private struct Index: Decodable {
  struct Entry: Decodable, Equatable {
    let mediaType: String
    let digest: String
    let size: Int
    let artifactType: String?
    let annotations: [String: String]?
  }

  let schemaVersion: Int
  let mediaType: String
  let manifests: [Entry]
}

@Suite("Referrers", .liveServer)
struct ReferrersTests {
  private let server = LiveServer.current
  private let repository = LiveServer.newRepository()

  private func artifact(
    of subject: Digest, type: String?, number: Int, config: String = "application/vnd.oci.empty.v1+json"
  ) -> [UInt8] {
    let type = type.map { #""artifactType":"\#($0)","# } ?? ""
    let config = Sample.descriptor(config, Array("{}".utf8))
    return Array(
      #"{"schemaVersion":2,"mediaType":"\#(MediaType.ociManifest)",\#(type)"config":\#(config),"layers":[],"subject":{"mediaType":"\#(MediaType.ociManifest)","digest":"\#(subject)","size":7},"annotations":{"number":"\#(number)"}}"#
        .utf8)
  }

  @discardableResult
  private func push(_ bytes: [UInt8], type: MediaType = .ociManifest, as reference: String? = nil) async throws
    -> Digest
  {
    try await server.pushBlob(Array("{}".utf8), to: repository)
    let digest = Digest.of(bytes)
    let reply = try await server.pushManifest(bytes, to: repository, as: reference ?? "\(digest)", type: type)
    try #require(reply.status == 201, "\(reply.text)")
    return digest
  }

  private func list(_ subject: Digest, _ query: String = "") async throws -> Reply {
    let reply = try await server.send(.GET, "/v2/\(repository)/referrers/\(subject)\(query)")
    #expect(reply.status == 200)
    #expect(reply["Content-Type"] == MediaType.ociIndex.value)
    let index = try reply.decoded(Index.self)
    #expect(index.schemaVersion == 2)
    #expect(index.mediaType == MediaType.ociIndex.value)
    return reply
  }

  private func digests(_ subject: Digest, _ query: String = "") async throws -> [String] {
    try await list(subject, query).decoded(Index.self).manifests.map(\.digest)
  }

  @Test("nobody refers to a digest: an empty index", arguments: Digest.Algorithm.allCases)
  func nobody(_ algorithm: Digest.Algorithm) async throws {
    let digest = Digest.of(Sample.newBytes(3), algorithm: algorithm)
    let reply = try await list(digest)
    #expect(try reply.decoded(Index.self).manifests.isEmpty)
    #expect(reply["OCI-Filters-Applied"] == nil)
    #expect(reply["Link"] == nil)
    #expect(try await list(digest, "?artifactType=a/b")["OCI-Filters-Applied"] == "artifactType")
  }

  @Test("what is pushed with a subject is listed at once, with its type and annotations")
  func listed() async throws {
    let image = try await server.pushImage(to: repository, as: "v1")
    let bytes = artifact(of: image.digest, type: "application/vnd.example.sbom", number: 1)
    let reply = try await server.pushManifest(bytes, to: repository, as: "\(Digest.of(bytes))")
    #expect(reply["OCI-Subject"] == image.digest.description)
    let index = try await list(image.digest).decoded(Index.self)
    #expect(
      index.manifests == [
        Index.Entry(
          mediaType: MediaType.ociManifest.value, digest: Digest.of(bytes).description, size: bytes.count,
          artifactType: "application/vnd.example.sbom", annotations: ["number": "1"])
      ])
  }

  @Test("a manifest that says no artifact type is listed with its config's")
  func configType() async throws {
    let subject = Digest.of(Sample.newBytes(3))
    try await push(artifact(of: subject, type: nil, number: 1, config: "application/vnd.example.config"))
    let index = try await list(subject).decoded(Index.self)
    #expect(index.manifests.first?.artifactType == "application/vnd.example.config")
    #expect(try await digests(subject, "?artifactType=application/vnd.example.config").count == 1)
  }

  @Test("an index refers to a subject as well")
  func indexReferrer() async throws {
    let subject = Digest.of(Sample.newBytes(3))
    let index = Sample.index(
      [],
      extra:
        #","artifactType":"application/vnd.example.set","subject":{"mediaType":"\#(MediaType.ociManifest)","digest":"\#(subject)","size":7}"#
    )
    let digest = try await push(index, type: .ociIndex)
    let entry = try #require(try await list(subject).decoded(Index.self).manifests.first)
    #expect(entry.digest == digest.description)
    #expect(entry.mediaType == MediaType.ociIndex.value)
    #expect(entry.artifactType == "application/vnd.example.set")
  }

  @Test(
    "a filter leaves those of the type, and says that it was applied",
    arguments: ["application/vnd.a+json", "application/vnd.a%2Bjson"])
  func filter(_ type: String) async throws {
    let subject = Digest.of(Sample.newBytes(3))
    let wanted = try await push(artifact(of: subject, type: "application/vnd.a+json", number: 1))
    try await push(artifact(of: subject, type: "application/vnd.b", number: 2))
    let reply = try await list(subject, "?artifactType=\(type)")
    #expect(reply["OCI-Filters-Applied"] == "artifactType")
    #expect(try reply.decoded(Index.self).manifests.map(\.digest) == [wanted.description])
    #expect(try await digests(subject).count == 2)
    #expect(try await digests(subject, "?artifactType=application/vnd.c").isEmpty)
  }

  @Test("pages lead through all referrers, filtered or not", arguments: [1, 3, 10, 11])
  func paging(_ size: Int) async throws {
    let subject = Digest.of(Sample.newBytes(3))
    var expected: [String] = []
    for number in 0..<10 {
      let type = number.isMultiple(of: 2) ? "application/vnd.even+json" : "application/vnd.odd"
      expected.append(try await push(artifact(of: subject, type: type, number: number)).description)
    }
    let target = "/v2/\(repository)/referrers/\(subject)?n=\(size)"
    let all = try await server.pages(target) { try $0.decoded(Index.self).manifests.map(\.digest) }
    #expect(all.flatMap { $0 } == expected.sorted())
    #expect(all.dropLast().allSatisfy { $0.count == size })
    let even = try await server.pages("\(target)&artifactType=application/vnd.even%2Bjson") { reply in
      #expect(reply["OCI-Filters-Applied"] == "artifactType")
      return try reply.decoded(Index.self).manifests.map(\.digest)
    }
    #expect(even.flatMap { $0 } == stride(from: 0, to: 10, by: 2).map { expected[$0] }.sorted())
  }

  @Test("a referrer that was deleted is not listed, and one that comes back is")
  func deleted() async throws {
    let subject = Digest.of(Sample.newBytes(3))
    let bytes = artifact(of: subject, type: "application/vnd.a", number: 1)
    let digest = try await push(bytes)
    #expect(try await server.send(.DELETE, "/v2/\(repository)/manifests/\(digest)").status == 202)
    #expect(try await digests(subject).isEmpty)
    try await push(bytes)
    #expect(try await digests(subject) == [digest.description])
  }

  @Test("referrers of another repository are not listed")
  func otherRepository() async throws {
    let subject = Digest.of(Sample.newBytes(3))
    try await push(artifact(of: subject, type: "application/vnd.a", number: 1))
    let other = try await server.send(.GET, "/v2/\(LiveServer.newRepository())/referrers/\(subject)")
    #expect(try other.decoded(Index.self).manifests.isEmpty)
  }

  @Test(
    "referrers that clients recorded by the older tag scheme are found with the others",
    arguments: Digest.Algorithm.allCases)
  func tagScheme(_ algorithm: Digest.Algorithm) async throws {
    let subject = Digest.of(Sample.newBytes(3), algorithm: algorithm)
    let own = try await push(artifact(of: subject, type: "application/vnd.a", number: 1))
    let old = Sample.image(layers: [], extra: #","annotations":{"old":"yes"}"#)
    try await push(old)
    let entry = Sample.descriptor(MediaType.ociManifest.value, old, extra: #","artifactType":"application/vnd.old""#)
    let tag = "\(algorithm.rawValue)-\(subject.hex.prefix(64))"
    try await push(Sample.index([entry]), type: .ociIndex, as: tag)

    #expect(try await digests(subject) == [own, Digest.of(old)].sorted().map(\.description))
    #expect(try await digests(subject, "?artifactType=application/vnd.old") == [Digest.of(old).description])
    let pages = try await server.pages("/v2/\(repository)/referrers/\(subject)?n=1") {
      try $0.decoded(Index.self).manifests.map(\.digest)
    }
    #expect(pages.flatMap { $0 } == [own, Digest.of(old)].sorted().map(\.description))
  }

  @Test(
    "what is no digest has no referrers",
    arguments: ["latest", "sha256:abc", "sha1:da39a3ee5e6b4b0d3255bfef95601890afd80709"])
  func noDigest(_ text: String) async throws {
    let reply = try await server.send(.GET, "/v2/\(repository)/referrers/\(text)")
    #expect(reply.status == 400 && reply.isError(.digestInvalid))
  }
}
