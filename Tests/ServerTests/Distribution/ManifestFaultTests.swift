import NIOHTTP1
import OCI
import Server
import Testing
import TestSupport

/// A body that is no manifest, and what the answer says of it.
struct ManifestFault: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let bytes: [UInt8]
  let type: String
  let message: String

  private init(_ name: String, _ text: String, type: String = MediaType.ociManifest.value, says message: String) {
    self.init(name, Array(text.utf8), type: type, says: message)
  }

  private init(_ name: String, _ bytes: [UInt8], type: String = MediaType.ociManifest.value, says message: String) {
    testDescription = name
    self.bytes = bytes
    self.type = type
    self.message = message
  }

  private static let config = Sample.descriptor("application/vnd.oci.empty.v1+json", Array("{}".utf8))
  private static let zeros = String(repeating: "0", count: 64)

  private static func layer(_ name: String, _ descriptor: String, says message: String) -> ManifestFault {
    ManifestFault(name, #"{"schemaVersion":2,"config":\#(config),"layers":[\#(descriptor)]}"#, says: message)
  }

  static let all = [
    ManifestFault("nothing", "", says: "JSON"),
    ManifestFault("no JSON", "hello", says: "JSON"),
    ManifestFault("half of an object", #"{"schemaVersion":2"#, says: "JSON"),
    ManifestFault("text behind the end", "{} {}", says: "after the end"),
    ManifestFault("an array", "[]", says: "an array"),
    ManifestFault("a string", #""manifest""#, says: "a string"),
    ManifestFault("null", "null", says: "null"),
    ManifestFault("no members", "{}", says: "schemaVersion"),
    ManifestFault("schema version 1", #"{"schemaVersion":1,"config":\#(config),"layers":[]}"#, says: "schemaVersion"),
    ManifestFault("a schema version in quotes", #"{"schemaVersion":"2","config":\#(config)}"#, says: "schemaVersion"),
    ManifestFault("no config", #"{"schemaVersion":2,"layers":[]}"#, says: "config"),
    ManifestFault(
      "a config that is text", #"{"schemaVersion":2,"config":"x","layers":[]}"#, says: "config is a string"),
    ManifestFault(
      "layers that are an object", #"{"schemaVersion":2,"config":\#(config),"layers":{}}"#, says: "layers is an object"),
    ManifestFault(
      "an index without manifests", #"{"schemaVersion":2}"#, type: MediaType.ociIndex.value, says: "manifests"),
    ManifestFault(
      "an image that is an index as well", #"{"schemaVersion":2,"config":\#(config),"layers":[],"manifests":[]}"#,
      says: "manifests"),
    ManifestFault(
      "an index that is an image as well", #"{"schemaVersion":2,"manifests":[],"layers":[]}"#,
      type: MediaType.ociIndex.value, says: "layers"),
    ManifestFault(
      "two types", #"{"schemaVersion":2,"mediaType":"\#(MediaType.ociIndex)","manifests":[]}"#, says: "mediaType"),
    ManifestFault(
      "the same member twice", #"{"schemaVersion":2,"schemaVersion":2,"config":\#(config),"layers":[]}"#,
      says: "schemaVersion"),
    ManifestFault(
      "the same member twice, once escaped", #"{"schemaVersion":2,"config":\#(config),"layers":[],"l\u0061yers":[]}"#,
      says: "layers"),
    ManifestFault(
      "the same member twice, deep inside", #"{"schemaVersion":2,"config":\#(config),"layers":[],"x":[{"a":1,"a":2}]}"#,
      says: "\\\"a\\\""),
    ManifestFault(
      "text that is not UTF-8", Array(#"{"schemaVersion":2,"x":""#.utf8) + [0xff, 0xfe] + Array(#""}"#.utf8),
      says: "UTF-8"),
    layer("a layer without a digest", #"{"mediaType":"text/plain","size":1}"#, says: "layers[0] has no digest"),
    layer(
      "a layer without a size", #"{"mediaType":"text/plain","digest":"sha256:\#(zeros)"}"#,
      says: "layers[0] has no size"),
    layer("a layer without a type", #"{"digest":"sha256:\#(zeros)","size":1}"#, says: "layers[0] has no mediaType"),
    layer(
      "a layer of less than nothing", #"{"mediaType":"text/plain","digest":"sha256:\#(zeros)","size":-1}"#, says: "size"
    ),
    layer(
      "a layer of half a byte", #"{"mediaType":"text/plain","digest":"sha256:\#(zeros)","size":0.5}"#, says: "size"),
    layer("a digest that is a path", #"{"mediaType":"text/plain","digest":"sha256:../../x","size":1}"#, says: "digest"),
    layer(
      "a digest of no known algorithm", #"{"mediaType":"text/plain","digest":"md5:00","size":1}"#, says: "algorithm"),
    layer(
      "a digest in capitals",
      #"{"mediaType":"text/plain","digest":"sha256:\#(String(repeating: "A", count: 64))","size":1}"#,
      says: "digest"),
    layer(
      "data of another content",
      Sample.descriptor("text/plain", Array("{}".utf8), extra: #","data":"fXs=""#), says: "data"),
    layer(
      "data that is not base64", Sample.descriptor("text/plain", Array("{}".utf8), extra: #","data":"e30""#),
      says: "base64"),
    ManifestFault(
      "Docker's schema 1", #"{"schemaVersion":1,"name":"a","tag":"b","fsLayers":[]}"#,
      type: "application/vnd.docker.distribution.manifest.v1+prettyjws", says: "schema 1"),
    ManifestFault("a type that is none", #"{"schemaVersion":2,"manifests":[]}"#, type: "index", says: "Content-Type"),
    ManifestFault(
      "annotations that are numbers", #"{"schemaVersion":2,"config":\#(config),"annotations":{"a":1}}"#,
      says: "annotations"),
    ManifestFault("a subject that is text", #"{"schemaVersion":2,"config":\#(config),"subject":"x"}"#, says: "subject"),
  ]
}

@Suite("Manifests that are refused", .liveServer)
struct ManifestFaultTests {
  private let server = LiveServer.current
  private let repository = LiveServer.newRepository()

  @Test("a body that is no manifest is refused, and the answer says what was wrong", arguments: ManifestFault.all)
  func malformed(_ fault: ManifestFault) async throws {
    try await server.pushBlob(Array("{}".utf8), to: repository)
    let reply = try await server.send(
      .PUT, "/v2/\(repository)/manifests/v1", [("Content-Type", fault.type)], body: fault.bytes)
    #expect(reply.status == 400 && reply.isError(.manifestInvalid))
    #expect(reply.text.contains(fault.message), "\(reply.text)")
    #expect(try await server.send(.GET, "/v2/\(repository)/manifests/v1").status == 404)
  }

  @Test("a digest in the path that is not the body's is refused", arguments: Digest.Algorithm.allCases)
  func otherDigest(_ algorithm: Digest.Algorithm) async throws {
    try await server.pushBlob(Array("{}".utf8), to: repository)
    let bytes = Sample.image(layers: [])
    let said = Digest.of([], algorithm: algorithm)
    let reply = try await server.pushManifest(bytes, to: repository, as: said.description)
    #expect(reply.status == 400 && reply.isError(.digestInvalid))
    #expect(reply.text.contains(Digest.of(bytes, algorithm: algorithm).description))
    #expect(try await server.send(.GET, "/v2/\(repository)/manifests/\(said)").status == 404)
  }

  @Test("a config that is missing is named")
  func missingConfig() async throws {
    let reply = try await server.pushManifest(Sample.image(layers: []), to: repository, as: "v1")
    #expect(reply.status == 400 && reply.isError(.manifestBlobUnknown))
    #expect(reply.text.contains(Digest.of(Array("{}".utf8)).description))
  }

  @Test("layers that are missing are named, also where another repository has them")
  func missingLayers() async throws {
    let layers = (0..<3).map { _ in Sample.newBytes(10) }
    try await server.pushBlob(Array("{}".utf8), to: repository)
    try await server.pushBlob(layers[0], to: repository)
    try await server.pushBlob(layers[1], to: LiveServer.newRepository())
    let reply = try await server.pushManifest(Sample.image(layers: layers), to: repository, as: "v1")
    #expect(reply.status == 400 && reply.isError(.manifestBlobUnknown))
    #expect(!reply.text.contains(Digest.of(layers[0]).description))
    #expect(reply.text.contains(Digest.of(layers[1]).description))
    #expect(reply.text.contains(Digest.of(layers[2]).description))

    for layer in layers[1...] { try await server.pushBlob(layer, to: repository) }
    #expect(try await server.pushManifest(Sample.image(layers: layers), to: repository, as: "v1").status == 201)
  }

  @Test("an index of what is missing is refused, and names it")
  func missingEntry() async throws {
    let image = Sample.image(layers: [], extra: #","annotations":{"a":"b"}"#)
    let index = Sample.index([Sample.descriptor(MediaType.ociManifest.value, image)])
    let reply = try await server.pushManifest(index, to: repository, as: "v1", type: .ociIndex)
    #expect(reply.status == 400 && reply.isError(.manifestBlobUnknown))
    #expect(reply.text.contains(Digest.of(image).description))
  }
}

@Suite("Sparse indexes", .liveServer { $0.sparseIndexes = true })
struct SparseIndexTests {
  @Test("where the setting allows it, an index of what is missing is taken")
  func sparse() async throws {
    let (server, repository) = (LiveServer.current, LiveServer.newRepository())
    let image = Sample.image(layers: [])
    let index = Sample.index([Sample.descriptor(MediaType.ociManifest.value, image)])
    #expect(try await server.pushManifest(index, to: repository, as: "v1", type: .ociIndex).status == 201)
    #expect(try await server.send(.GET, "/v2/\(repository)/manifests/v1").body == index)
    #expect(try await server.send(.GET, "/v2/\(repository)/manifests/\(Digest.of(image))").status == 404)
    let missingLayer = try await server.pushManifest(image, to: repository, as: "v2")
    #expect(missingLayer.status == 400 && missingLayer.isError(.manifestBlobUnknown))
  }
}
