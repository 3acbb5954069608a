import OCI
import Testing

@Suite struct RegistryErrorTests {
  @Test func `an error is the specification's JSON`() {
    let error = RegistryError(.manifestUnknown, "no \"x\"\n", detail: ["name": "a/b", "digest": "d"])
    #expect(
      error.json
        == #"{"errors":[{"code":"MANIFEST_UNKNOWN","message":"no \"x\"\n","detail":{"digest":"d","name":"a/b"}}]}"#)
    #expect(error.status == 404)
    #expect(RegistryError(.denied, "", status: 409).status == 409)
  }

  @Test func `a descriptor is written as the specification has it`() {
    let digest = Digest.of([])
    let descriptor = Descriptor(
      mediaType: .ociManifest, digest: digest, size: 7, artifactType: "a/b", annotations: ["z": "1", "a": "\u{1}"])
    #expect(
      descriptor.json
        == #"{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"\#(digest)","size":7,"#
        + #""artifactType":"a/b","annotations":{"a":"\u0001","z":"1"}}"#)
  }
}
