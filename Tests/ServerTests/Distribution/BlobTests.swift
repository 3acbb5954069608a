import NIOHTTP1
import OCI
import Testing
import TestSupport

@Suite("Blobs", .liveServer)
struct BlobTests {
  private let server = LiveServer.current
  private let repository = LiveServer.newRepository()

  private func push(_ count: Int) async throws -> (bytes: [UInt8], target: String, digest: Digest) {
    let bytes = Sample.newBytes(count)
    let digest = try await server.pushBlob(bytes, to: repository)
    return (bytes, "/v2/\(repository)/blobs/\(digest)", digest)
  }

  /// Sizes on both sides of what is answered from memory, and one of many file regions.
  static let sizes = [0, 1, 65_536, 65_537, 5_000_003]

  @Test("HEAD and GET say what the blob is", arguments: [HTTPMethod.HEAD, .GET], sizes)
  func whole(_ method: HTTPMethod, _ size: Int) async throws {
    let (bytes, target, digest) = try await push(size)
    let reply = try await server.send(method, target)
    #expect(reply.status == 200)
    #expect(reply["Content-Length"] == "\(size)")
    #expect(reply["Docker-Content-Digest"] == digest.description)
    #expect(reply["Content-Type"] == "application/octet-stream")
    #expect(reply["ETag"] == "\"\(digest)\"")
    #expect(reply["Accept-Ranges"] == "bytes")
    #expect(reply["Cache-Control"] == "max-age=31536000, immutable")
    #expect(reply["Docker-Distribution-Api-Version"] == "registry/2.0")
    #expect(reply.body == (method == .GET ? bytes : []))
  }

  @Test(
    "a range is answered with its bytes", arguments: [100, 200_000],
    [
      "bytes=0-0", "bytes=10-19", "bytes=90-", "bytes=0-", "bytes=-10", "bytes=50-1000000", "bytes=-1000000",
      "BYTES=1-2",
    ])
  func ranges(_ size: Int, _ range: String) async throws {
    let (bytes, target, digest) = try await push(size)
    let expected =
      switch range {
      case "bytes=0-0": 0..<1
      case "bytes=10-19": 10..<20
      case "bytes=90-": 90..<size
      case "bytes=-10": size - 10..<size
      case "bytes=50-1000000": 50..<size
      case "BYTES=1-2": 1..<3
      default: 0..<size
      }
    let reply = try await server.send(.GET, target, [("Range", range)])
    #expect(reply.status == 206)
    #expect(reply["Content-Range"] == "bytes \(expected.lowerBound)-\(expected.upperBound - 1)/\(size)")
    #expect(reply["Content-Length"] == "\(expected.count)")
    #expect(reply["Docker-Content-Digest"] == digest.description)
    #expect(reply.body == Array(bytes[expected]))
  }

  @Test(
    "a range that has no byte of the blob is refused with the blob's size",
    arguments: ["bytes=100-", "bytes=100-200", "bytes=-0", "bytes=5-2", "bytes=a-b", "bytes=-", "bytes=1", "bytes="])
  func unsatisfiable(_ range: String) async throws {
    let (_, target, _) = try await push(100)
    let reply = try await server.send(.GET, target, [("Range", range)])
    #expect(reply.status == 416 && reply.isError(.rangeInvalid))
    #expect(reply["Content-Range"] == "bytes */100")
  }

  @Test("no range fits a blob without bytes", arguments: ["bytes=0-", "bytes=0-0", "bytes=-1"])
  func emptyBlob(_ range: String) async throws {
    let (_, target, _) = try await push(0)
    let reply = try await server.send(.GET, target, [("Range", range)])
    #expect(reply.status == 416)
    #expect(reply["Content-Range"] == "bytes */0")
  }

  @Test(
    "several ranges, and ranges of other units, are answered with the whole", arguments: ["bytes=0-1,5-6", "lines=1-2"])
  func passedOver(_ range: String) async throws {
    let (bytes, target, _) = try await push(100)
    let reply = try await server.send(.GET, target, [("Range", range)])
    #expect(reply.status == 200)
    #expect(reply.body == bytes)
  }

  @Test("a client that has the blob is told so", arguments: [HTTPMethod.HEAD, .GET])
  func notModified(_ method: HTTPMethod) async throws {
    let (_, target, digest) = try await push(100)
    for tags in ["\"\(digest)\"", "W/\"\(digest)\"", "*", "\"other\", \"\(digest)\"", "\"other\",\"\(digest)\""] {
      let reply = try await server.send(method, target, [("If-None-Match", tags)])
      #expect(reply.status == 304, "\(tags)")
      #expect(reply["ETag"] == "\"\(digest)\"")
      #expect(reply.body.isEmpty)
    }
    let other = try await server.send(method, target, [("If-None-Match", "\"other\"")])
    #expect(other.status == 200)
  }

  @Test("a range is given to whom it completes what they have, and the whole to others")
  func ifRange() async throws {
    let (bytes, target, digest) = try await push(100)
    let same = try await server.send(.GET, target, [("Range", "bytes=50-"), ("If-Range", "\"\(digest)\"")])
    #expect(same.status == 206)
    #expect(same.body == Array(bytes[50...]))
    for other in ["\"other\"", "W/\"\(digest)\"", "Wed, 21 Oct 2015 07:28:00 GMT"] {
      let reply = try await server.send(.GET, target, [("Range", "bytes=50-"), ("If-Range", other)])
      #expect(reply.status == 200)
      #expect(reply.body == bytes)
    }
  }

  @Test(
    "a blob that is not there is unknown, also where another repository has it", arguments: [HTTPMethod.GET, .DELETE])
  func unknown(_ method: HTTPMethod) async throws {
    let (_, _, digest) = try await push(10)
    for target in [
      "/v2/\(repository)/blobs/\(Digest.of(Sample.newBytes(5)))", "/v2/\(LiveServer.newRepository())/blobs/\(digest)",
    ] {
      let reply = try await server.send(method, target)
      #expect(reply.status == 404 && reply.isError(.blobUnknown))
      let head = try await server.send(.HEAD, target)
      #expect(head.status == 404)
      #expect(head.body.isEmpty)
    }
  }

  @Test("a deleted blob is gone with the next request, and from that repository alone")
  func delete() async throws {
    let (bytes, target, digest) = try await push(100)
    let other = LiveServer.newRepository()
    try await server.pushBlob(bytes, to: other)
    #expect(try await server.send(.DELETE, target).status == 202)
    #expect(try await server.send(.HEAD, target).status == 404)
    #expect(try await server.send(.GET, target).status == 404)
    #expect(try await server.send(.DELETE, target).status == 404)
    #expect(try await server.send(.GET, "/v2/\(other)/blobs/\(digest)").body == bytes)
    try await server.pushBlob(bytes, to: repository)
    #expect(try await server.send(.GET, target).body == bytes)
  }

  @Test("a blob that a manifest needs stays until the manifest is deleted")
  func needed() async throws {
    let layer = Sample.newBytes(10)
    let image = try await server.pushImage(to: repository, as: "latest", layers: [layer])
    let target = "/v2/\(repository)/blobs/\(Digest.of(layer))"
    let refused = try await server.send(.DELETE, target)
    #expect(refused.status == 405 && refused.isError(.denied))
    #expect(refused["Allow"] == "GET, HEAD")
    #expect(refused.text.contains(image.digest.description))
    #expect(try await server.send(.GET, target).body == layer)
    #expect(try await server.send(.DELETE, "/v2/\(repository)/manifests/\(image.digest)").status == 202)
    #expect(try await server.send(.DELETE, target).status == 202)
  }
}
