import OCI
import Testing

@testable import Images

@Suite("The image of an index that is meant")
struct PlatformChoiceTests {
  private func choose(_ wanted: String?, among platforms: [String?]) throws -> Int? {
    let images = try platforms.enumerated().map { index, text in
      let platform = try text.map { try Platform(parsing: $0) }
      let descriptor = Descriptor(
        mediaType: .ociManifest, digest: Digest.of([UInt8(index)]), size: Int64(index), platform: platform)
      return PlatformChoice.Image(descriptor: descriptor, platform: platform)
    }
    let chosen = PlatformChoice(images).choose(try wanted.map { try Platform(parsing: $0) })
    return chosen.map { Int($0.size) }
  }

  @Test(
    "the image that fits exactly comes before one of a variant, and the first before others",
    arguments: [
      ("linux/arm64", 1), ("linux/arm/v7", 3), ("linux/arm", 2), ("linux/arm/v8", nil), ("windows/amd64", nil),
      ("linux/aarch64", 1), ("linux/amd64", 0),
    ] as [(String, Int?)])
  func asked(_ wanted: String, _ index: Int?) throws {
    let platforms = ["linux/amd64", "linux/arm64", "linux/arm/v6", "linux/arm/v7", nil]
    #expect(try choose(wanted, among: platforms) == index)
  }

  @Test("the only image is meant where nothing is asked for, and else the one for this machine")
  func unasked() throws {
    #expect(try choose(nil, among: ["windows/amd64"]) == 0)
    #expect(try choose(nil, among: [nil]) == 0)
    #expect(try choose(nil, among: ["windows/amd64", "\(Platform.current)"]) == 1)
    #expect(try choose(nil, among: ["windows/amd64", "plan9/386"]) == nil)
    #expect(try choose(nil, among: []) == nil)
  }

  @Test("an attestation of BuildKit is no image")
  func attestations() throws {
    let digest = Digest.of([])
    let unknown = Platform(os: "unknown", architecture: "unknown")
    #expect(Descriptor(mediaType: .ociManifest, digest: digest, size: 0, platform: unknown).isAttestation)
    let annotations = ["vnd.docker.reference.type": "attestation-manifest"]
    #expect(Descriptor(mediaType: .ociManifest, digest: digest, size: 0, annotations: annotations).isAttestation)
    #expect(!Descriptor(mediaType: .ociManifest, digest: digest, size: 0, platform: .current).isAttestation)
  }
}
