import Foundation
import Locks
import NIOHTTP1
import OCI
import TestSupport
import Testing

@testable import RegistryClient

@Suite("Manifests", .liveServer)
struct ManifestTests {
  private let server = LiveServer.current
  private let name = LiveServer.newRepository()

  @Test("a manifest is put, looked up, fetched and deleted, by tag and by digest")
  func life() async throws {
    let image = try await server.pushImage(to: name, as: nil)
    let manifest = try Manifest(parsing: image.bytes, contentType: .ociManifest)
    let descriptor = Descriptor(mediaType: .ociManifest, digest: image.digest, size: Int64(image.bytes.count))
    let tag = Reference.tag(try Tag(parsing: "v1"))
    try await withClient { client in
      let repository = try client.repository(name, port: server.port)
      #expect(try await repository.head(tag) == nil)
      #expect(try await repository.manifest(tag)?.bytes == nil)
      try await repository.put(manifest, as: tag)
      #expect(try await repository.head(tag) == descriptor)
      #expect(try await repository.head(.digest(image.digest)) == descriptor)
      #expect(try await repository.manifest(tag)?.bytes == image.bytes)
      #expect(try await repository.manifest(.digest(image.digest))?.mediaType == .ociManifest)
      #expect(try await repository.tags().all().map(\.value) == ["v1"])
      #expect(try await repository.delete(manifest: tag))
      #expect(try await !repository.delete(manifest: tag))
      #expect(try await repository.delete(manifest: .digest(image.digest)))
      #expect(try await repository.head(.digest(image.digest)) == nil)
    }
  }

  @Test("a blob is looked up, mounted and deleted")
  func blobs() async throws {
    let bytes = Sample.newBytes(1000)
    let digest = try await server.pushBlob(bytes, to: name)
    let other = LiveServer.newRepository()
    try await withClient { client in
      let (source, target) = (
        try client.repository(name, port: server.port), try client.repository(other, port: server.port)
      )
      #expect(try await source.hasBlob(digest) == 1000)
      #expect(try await target.hasBlob(digest) == nil)
      #expect(try await target.mount(digest, from: source.name))
      #expect(try await target.hasBlob(digest) == 1000)
      #expect(try await !target.mount(Digest.of([9, 9]), from: source.name))
      #expect(try await target.delete(blob: digest))
      #expect(try await !target.delete(blob: digest))
    }
  }

  @Test("a digest that is not the body's is an error, whoever says it")
  func lies() async throws {
    let image = Sample.image(layers: [])
    let digest = Digest.of(Array("other".utf8))
    try await ScriptedServer.run(answering: { _ in
      .init(
        200, [("Content-Type", MediaType.ociManifest.value), ("Docker-Content-Digest", "\(digest)")], body: image)
    }) { server in
      try await withClient { client in
        let repository = try client.repository("a/b", port: server.port)
        for reference in [Reference.tag(.latest), .digest(digest)] {
          let error = await #expect(throws: RegistryClientError.self) { _ = try await repository.manifest(reference) }
          #expect(error?.code == .digestMismatch)
        }
        let manifest = try Manifest(parsing: image, contentType: nil)
        let error = await #expect(throws: RegistryClientError.self) {
          try await repository.head(.digest(manifest.digest))
        }
        #expect(error?.code == .invalidAnswer)
      }
    }
  }

  @Test("a digest that the registry does not say is that of the body")
  func untold() async throws {
    let image = Sample.image(layers: [])
    try await ScriptedServer.run(answering: { _ in
      .init(200, [("Content-Type", MediaType.ociManifest.value)], body: image)
    }) { server in
      try await withClient { client in
        let received = try await client.repository("a/b", port: server.port).head(.tag(.latest))
        #expect(received == Descriptor(mediaType: .ociManifest, digest: Digest.of(image), size: Int64(image.count)))
        #expect(server.requests.map(\.method) == [.HEAD, .GET])
      }
    }
  }

  @Test("a manifest that is too long is not read")
  func tooLong() async throws {
    try await ScriptedServer.run(answering: { _ in .init(200, body: [UInt8](repeating: 32, count: (4 << 20) + 1)) }) {
      server in
      try await withClient { client in
        let error = await #expect(throws: RegistryClientError.self) {
          _ = try await client.repository("a/b", port: server.port).manifest(.tag(.latest))
        }
        #expect(error?.code == .invalidAnswer)
      }
    }
  }

  private func referrer(_ subject: Descriptor, type: String) async throws -> Manifest {
    let extra = ",\"artifactType\":\"\(type)\",\"subject\":\(subject.json)"
    let layer = Sample.newBytes(10)
    try await server.pushBlob(layer, to: name)
    return try Manifest(parsing: Sample.image(layers: [layer], extra: extra), contentType: .ociManifest)
  }

  @Test("referrers are listed by the registry, or kept as a tag where it does not know them", arguments: [true, false])
  func referrers(_ isKnown: Bool) async throws {
    let image = try await server.pushImage(to: name, as: "v1")
    let subject = try Manifest(parsing: image.bytes, contentType: .ociManifest).descriptor
    let manifests = [
      try await referrer(subject, type: "application/x.sbom"), try await referrer(subject, type: "application/x.sig"),
    ]
    try await FaultyProxy.run(
      to: server.url,
      fault: { exchange in
        if isKnown { return .none }
        if exchange.target.contains("/referrers/") { return .status(404) }
        return exchange.method == .PUT ? .withoutAnswerHeader("OCI-Subject") : .none
      }
    ) { proxy in
      try await withClient { client in
        let repository = try client.repository(name, port: proxy.port)
        #expect(try await repository.referrers(of: subject.digest) == [])
        for manifest in manifests {
          try await repository.put(manifest, as: .digest(manifest.digest))
          try await repository.put(manifest, as: .digest(manifest.digest))
        }
        let all = try await repository.referrers(of: subject.digest)
        #expect(Set(all.map(\.digest)) == Set(manifests.map(\.digest)) && all.count == 2)
        let signatures = try await repository.referrers(of: subject.digest, artifactType: "application/x.sig")
        #expect(signatures.map(\.digest) == [manifests[1].digest])
        let isTagged = try await repository.head(.tag(Tag(referrersOf: subject.digest))) != nil
        #expect(isTagged == !isKnown)
      }
    }
  }

  @Test("a list of referrers that is kept as a tag keeps what others wrote there byte for byte")
  func unknownMembers() async throws {
    let image = try await server.pushImage(to: name, as: "v1")
    let subject = try Manifest(parsing: image.bytes, contentType: .ociManifest).descriptor
    let earlier = try await referrer(subject, type: "application/x.sbom")
    _ = try await server.pushManifest(earlier.bytes, to: name, as: "\(earlier.digest)")
    let data = Data(earlier.bytes).base64EncodedString()
    let entry = Sample.descriptor(
      MediaType.ociManifest.value, earlier.bytes,
      extra: #", "data":"\#(data)","urls":["https://a.example"],"x-new":[1,{}]"#
    )
    let index = Sample.index([entry], extra: #", "x-more" : {"manifests": []}"#)
    let tag = Tag(referrersOf: subject.digest).value
    #expect(try await server.pushManifest(index, to: name, as: tag, type: .ociIndex).status == 201)
    let added = try await referrer(subject, type: "application/x.sig")
    try await FaultyProxy.run(
      to: server.url, fault: { $0.method == .PUT ? .withoutAnswerHeader("OCI-Subject") : .none }
    ) { proxy in
      try await withClient { client in
        try await client.repository(name, port: proxy.port).put(added, as: .digest(added.digest))
      }
    }
    let now = try await server.send(.GET, "/v2/\(name)/manifests/\(tag)").text
    let expected = String(decoding: index, as: UTF8.self).replacing(entry, with: "\(entry),\(added.descriptor.json)")
    #expect(now == expected)
  }
}

@Suite("Lists")
struct ListTests {
  @Test("a list goes on where Link says")
  func pages() async throws {
    try await ScriptedServer.run(answering: { request in
      switch request.target {
      case "/v2/a/b/tags/list?n=1000":
        .init(200, [("Link", "</v2/a/b/tags/list?last=b>; rel=\"next\"")], body: Array(#"{"tags":["a","b"]}"#.utf8))
      case "/v2/a/b/tags/list?last=b": .init(200, body: Array(#"{"name":"a/b","tags":["c"]}"#.utf8))
      case "/v2/_catalog?n=1000": .init(200, body: Array(#"{"repositories":["a/b","a/c","b"]}"#.utf8))
      default: .init(404)
      }
    }) { server in
      try await withClient { client in
        var pages: [[String]] = []
        for try await page in try client.repository("a/b", port: server.port).tags() { pages.append(page.map(\.value)) }
        #expect(pages == [["a", "b"], ["c"]])
        let registry = client.registry(try RegistryHost(parsing: "127.0.0.1:\(server.port)"))
        #expect(try await registry.repositories(prefix: "a/").all().map(\.description) == ["a/b", "a/c"])
      }
    }
  }

  @Test(
    "a list that leads elsewhere, in circles, or holds what is no tag, is an error",
    arguments: [
      ("<https://other.example.org/x>; rel=\"next\"", #"{"tags":[]}"#), ("</v2/x>; rel=next", #"{"tags":[]}"#),
      ("", #"{"tags":["../x"]}"#), ("", #"{"tags":{}}"#), ("", "<html>"),
    ])
  func hostile(_ link: String, _ body: String) async throws {
    try await ScriptedServer.run(answering: { _ in
      .init(200, link.isEmpty ? [] : [("Link", link)], body: Array(body.utf8))
    }) { server in
      try await withClient { client in
        let error = await #expect(throws: RegistryClientError.self) {
          _ = try await client.repository("a/b", port: server.port).tags().all()
        }
        #expect(error?.code == .invalidAnswer)
      }
    }
  }
}
