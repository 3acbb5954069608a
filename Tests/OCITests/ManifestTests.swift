import OCI
import Testing

@Suite struct ManifestTests {
  static let digest = Digest.of(Array("{}".utf8))
  static let descriptor = #"{"mediaType":"application/vnd.oci.empty.v1+json","digest":"\#(digest)","size":2}"#

  private func parse(_ json: String, _ type: MediaType? = nil) throws(InvalidManifest) -> Manifest {
    try Manifest(parsing: Array(json.utf8), contentType: type)
  }

  @Test func `an image's config and layers are what it requires, and its bytes stay as they are`() throws {
    let json = #"""
      { "schemaVersion" : 2, "config": \#(Self.descriptor), "x-unknown": [1.5e3, null, true],
        "layers": [\#(Self.descriptor), {"mediaType":"application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
        "digest":"sha256:\#(String(repeating: "a", count: 64))","size":5,"urls":["https://example.org/layer"]}] }
      """#
    let manifest = try parse(json, .ociManifest)
    #expect(manifest.bytes == Array(json.utf8))
    #expect(manifest.kind == .image)
    #expect(manifest.requiredBlobs == [Self.digest])
    #expect(manifest.optionalBlobs.map(\.hex) == [String(repeating: "a", count: 64)])
    #expect(manifest.artifactType == "application/vnd.oci.empty.v1+json")
  }

  @Test func `an index's entries may be manifests and, as in BuildKit's cache, layers`() throws {
    let cache = #"""
      {"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[
        {"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","digest":"\#(Self.digest)","size":2},
        {"mediaType":"application/vnd.buildkit.cacheconfig.v0","digest":"\#(Self.digest)","size":2}]}
      """#
    let manifest = try parse(cache)
    #expect(manifest.kind == .index)
    #expect(manifest.entryDigests == [Self.digest])
    #expect(manifest.requiredBlobs.isEmpty)
  }

  @Test func `subject, artifactType and annotations are read`() throws {
    let manifest = try parse(
      #"""
      {"schemaVersion":2,"artifactType":"application/vnd.example","config":\#(Self.descriptor),"layers":[],
       "subject":\#(Self.descriptor),"annotations":{"a":"b","ü":"\u00fc\ud83d\ude00\n"}}
      """#, .ociManifest)
    #expect(manifest.subject?.digest == Self.digest)
    #expect(manifest.artifactType == "application/vnd.example")
    #expect(manifest.annotations == ["a": "b", "ü": "ü😀\n"])
  }

  @Test(
    arguments: [
      (nil, #","mediaType":"application/vnd.docker.distribution.manifest.v2+json""#, MediaType.dockerManifest),
      ("application/json", "", .ociManifest), ("application/octet-stream", "", .ociManifest), (nil, "", .ociManifest),
      ("application/vnd.oci.image.manifest.v1+json", #","mediaType":"""#, .ociManifest),
    ] as [(String?, String, MediaType)])
  func `the type is the one it was pushed with, or else its own, or else its shape's`(
    type: String?, own: String, expected: MediaType
  ) throws {
    let json = #"{"schemaVersion":2,"config":\#(Self.descriptor),"layers":[]\#(own)}"#
    #expect(try parse(json, type.map { try MediaType(parsing: $0) }).mediaType == expected)
  }

  @Test func `content that a descriptor carries along must be the content it points at`() throws {
    let good = Self.descriptor.dropLast() + #","data":"e30="}"#
    #expect(try parse(#"{"schemaVersion":2,"config":\#(good),"layers":[]}"#).config?.digest == Self.digest)
    for data in ["e30", "e3w=", "!", "e30=e30="] {
      let bad = Self.descriptor.dropLast() + #","data":"\#(data)"}"#
      #expect(throws: InvalidManifest.self) { try parse(#"{"schemaVersion":2,"config":\#(bad),"layers":[]}"#) }
    }
  }

  @Test(arguments: [
    "", " ", "null", "[]", "{}", "42", #""x""#, "{", #"{"schemaVersion":2}"#, "\u{feff}{}", "{} {}", "{,}", "{'a':1}",
    #"{"schemaVersion":1,"config":D,"layers":[]}"#, #"{"schemaVersion":"2","config":D,"layers":[]}"#,
    #"{"schemaVersion":2,"schemaVersion":2,"config":D,"layers":[]}"#,
    #"{"schemaVersion":2,"config":D,"layers":[],"annotations":{"a":"1","\u0061":"2"}}"#,
    #"{"schemaVersion":2,"config":D,"layers":[],"manifests":[]}"#, #"{"schemaVersion":2,"config":D,"layers":{}}"#,
    #"{"schemaVersion":2,"config":[],"layers":[]}"#, #"{"schemaVersion":2,"layers":[]}"#,
    #"{"schemaVersion":2,"config":{"digest":"x","size":1,"mediaType":"a/b"},"layers":[]}"#,
    #"{"schemaVersion":2,"config":D,"layers":[{"mediaType":"a/b","size":2}]}"#,
    #"{"schemaVersion":2,"config":D,"layers":[],"subject":"x"}"#,
    #"{"schemaVersion":2,"config":D,"layers":[],"annotations":{"a":1}}"#,
    #"{"schemaVersion":2,"config":D,"layers":[],"artifactType":7}"#,
    #"{"schemaVersion":2,"config":D,"layers":[],"x":"\ud800"}"#, #"{"schemaVersion":2,"config":D,"layers":[],"x":01}"#,
    #"{"schemaVersion":2,"config":D,"layers":[],"x":"\#u{1}"}"#, #"{"schemaVersion":2,"config":D,"layers":[],}"#,
    #"{"schemaVersion":2,"manifests":null,"config":D}"#,
  ])
  func `what is no manifest is refused with a reason`(template: String) {
    let json = template.replacing("D", with: Self.descriptor)
    let error = #expect(throws: InvalidManifest.self) { try parse(json) }
    #expect(error?.description.hasPrefix("the body is not a manifest: ") == true)
  }

  @Test(arguments: [-1, 1.5, 1e3, 9.3e18] as [Double])
  func `a size is a whole number of bytes`(size: Double) {
    let text = size == size.rounded() && abs(size) < 1e4 ? String(Int(size)) + (size > 0 ? "e0" : "") : String(size)
    let config = Self.descriptor.replacing(#""size":2"#, with: #""size":\#(text)"#)
    #expect(throws: InvalidManifest.self) { try parse(#"{"schemaVersion":2,"config":\#(config),"layers":[]}"#) }
  }

  @Test func `a type in the header that is not the body's is refused`() {
    let json =
      #"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}"#
    #expect(throws: InvalidManifest.self) { try parse(json, .ociManifest) }
  }

  @Test func `Docker's schema 1 is refused, whoever names it`() {
    let json = #"{"schemaVersion":2,"config":\#(Self.descriptor),"layers":[]"#
    let type = "application/vnd.docker.distribution.manifest.v1+prettyjws"
    #expect(throws: InvalidManifest.self) { try parse(json + "}", try MediaType(parsing: type)) }
    #expect(throws: InvalidManifest.self) { try parse(json + #","mediaType":"\#(type)"}"#) }
  }

  @Test func `deep nesting and invalid UTF-8 are refused`() {
    let deep = String(repeating: "[", count: 100_000)
    #expect(throws: InvalidManifest.self) { try parse(deep) }
    #expect(throws: InvalidManifest.self) { try parse(String(repeating: #"{"a":"#, count: 100_000)) }
    let bytes = Array(#"{"schemaVersion":2,"x":""#.utf8) + [0xff, 0xfe] + Array(#""}"#.utf8)
    #expect(throws: InvalidManifest.self) { try Manifest(parsing: bytes, contentType: nil) }
    #expect(throws: InvalidManifest.self) { try parse("[" + String(repeating: "0,", count: 600_000) + "0]") }
  }
}
