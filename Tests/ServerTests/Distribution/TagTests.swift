import NIOHTTP1
import OCI
import Testing
import TestSupport

@Suite("Tags", .liveServer)
struct TagTests {
  private let server = LiveServer.current
  private let repository = LiveServer.newRepository()

  private func target(_ reference: some CustomStringConvertible) -> String {
    "/v2/\(repository)/manifests/\(reference)"
  }

  private func expect(_ tag: String, is bytes: [UInt8]?) async throws {
    let reply = try await server.send(.GET, target(tag))
    #expect(reply.status == (bytes == nil ? 404 : 200), "\(tag)")
    if let bytes { #expect(reply.body == bytes, "\(tag)") }
  }

  private func image(_ text: String) async throws -> (digest: Digest, bytes: [UInt8]) {
    try await server.pushImage(to: repository, as: nil, extra: #","annotations":{"a":"\#(text)"}"#)
  }

  @Test("a push by digest sets all tags that it names", arguments: Digest.Algorithm.allCases)
  func manyTags(_ algorithm: Digest.Algorithm) async throws {
    try await server.pushBlob(Array("{}".utf8), to: repository)
    let bytes = Sample.image(layers: [])
    let digest = Digest.of(bytes, algorithm: algorithm)
    let tags = (1...12).map { "v1.\($0)" }
    let query = tags.map { "tag=\($0)" }.joined(separator: "&")
    let reply = try await server.pushManifest(bytes, to: repository, as: "\(digest)?\(query)")
    #expect(reply.status == 201)
    #expect(reply["Docker-Content-Digest"] == digest.description)
    #expect(reply.headers["OCI-Tag"] == tags)
    for tag in tags {
      try await expect(tag, is: bytes)
      #expect(try await server.send(.HEAD, target(tag))["Docker-Content-Digest"] == digest.description)
    }
  }

  @Test("a push that names one tag outside the grammar sets none")
  func oneBadTag() async throws {
    try await server.pushBlob(Array("{}".utf8), to: repository)
    let bytes = Sample.image(layers: [])
    for bad in ["", "-a", ".a", "a/b", "a%20b", "a%00", String(repeating: "a", count: 129)] {
      let reply = try await server.pushManifest(bytes, to: repository, as: "\(Digest.of(bytes))?tag=good&tag=\(bad)")
      #expect(reply.status == 400 && reply.isError(.tagInvalid), "\(bad)")
    }
    try await expect("good", is: nil)
  }

  @Test("a tag moves, and what it named before stays by digest")
  func move() async throws {
    let (first, second) = (try await image("first"), try await image("second"))
    #expect(try await server.pushManifest(first.bytes, to: repository, as: "latest").status == 201)
    try await expect("latest", is: first.bytes)
    #expect(try await server.pushManifest(second.bytes, to: repository, as: "latest").status == 201)
    try await expect("latest", is: second.bytes)
    #expect(try await server.send(.GET, target(first.digest)).body == first.bytes)
    #expect(try await server.pushManifest(first.bytes, to: repository, as: "latest").status == 201)
    try await expect("latest", is: first.bytes)
  }

  @Test("a deleted tag leaves the manifest and its other tags alone, and is gone with the next request")
  func deleteTag() async throws {
    let image = try await image("x")
    _ = try await server.pushManifest(image.bytes, to: repository, as: "\(image.digest)?tag=a&tag=b")
    try await expect("a", is: image.bytes)
    #expect(try await server.send(.DELETE, target("a")).status == 202)
    try await expect("a", is: nil)
    try await expect("b", is: image.bytes)
    #expect(try await server.send(.GET, target(image.digest)).body == image.bytes)
    let again = try await server.send(.DELETE, target("a"))
    #expect(again.status == 404 && again.isError(.manifestUnknown))
  }

  @Test("a deleted digest takes its tags, and is gone with the next request")
  func deleteDigest() async throws {
    let (image, other) = (try await image("x"), try await image("y"))
    _ = try await server.pushManifest(image.bytes, to: repository, as: "\(image.digest)?tag=a&tag=b")
    _ = try await server.pushManifest(other.bytes, to: repository, as: "c")
    for tag in ["a", "b"] { try await expect(tag, is: image.bytes) }
    #expect(try await server.send(.DELETE, target(image.digest)).status == 202)
    for reference in ["a", "b", image.digest.description] { try await expect(reference, is: nil) }
    try await expect("c", is: other.bytes)
    #expect(try await server.send(.DELETE, target(image.digest)).status == 404)

    #expect(try await server.pushManifest(image.bytes, to: repository, as: "b").status == 201)
    try await expect("b", is: image.bytes)
    try await expect("a", is: nil)
  }

  @Test("a delete in one repository leaves the same manifest in another")
  func otherRepository() async throws {
    let other = LiveServer.newRepository()
    let image = try await image("x")
    _ = try await server.pushImage(to: other, as: "a", extra: #","annotations":{"a":"x"}"#)
    #expect(try await server.send(.DELETE, target(image.digest)).status == 202)
    #expect(try await server.send(.GET, "/v2/\(other)/manifests/a").body == image.bytes)
  }

  @Test("what an index lists stays until the index is deleted")
  func childOfIndex() async throws {
    let child = try await image("child")
    let index = Sample.index([Sample.descriptor(MediaType.ociManifest.value, child.bytes)])
    #expect(try await server.pushManifest(index, to: repository, as: "multi", type: .ociIndex).status == 201)
    let refused = try await server.send(.DELETE, target(child.digest))
    #expect(refused.status == 405 && refused.isError(.denied))
    #expect(refused.text.contains(Digest.of(index).description))
    #expect(refused["Allow"] == "GET, HEAD, PUT")
    #expect(try await server.send(.GET, target(child.digest)).body == child.bytes)

    #expect(try await server.send(.DELETE, target(Digest.of(index))).status == 202)
    #expect(try await server.send(.DELETE, target(child.digest)).status == 202)
  }

  @Test("the same tag from many clients at once ends up as one of what they pushed")
  func race() async throws {
    var images: [(digest: Digest, bytes: [UInt8])] = []
    for number in 0..<8 { images.append(try await image("\(number)")) }
    try await withThrowingTaskGroup(of: Int.self) { group in
      for image in images {
        group.addTask { try await server.pushManifest(image.bytes, to: repository, as: "latest").status }
      }
      for try await status in group { #expect(status == 201) }
    }
    let reply = try await server.send(.GET, target("latest"))
    #expect(images.contains { $0.bytes == reply.body && reply["Docker-Content-Digest"] == "\($0.digest)" })
  }
}
