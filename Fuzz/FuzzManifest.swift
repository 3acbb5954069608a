/// A body is refused, or it is read the same way each time, and its bytes stay what they were.
@_cdecl("LLVMFuzzerTestOneInput")
func fuzzManifest(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  let types: [MediaType?] = [nil, .ociManifest, .ociIndex, .dockerManifest, .dockerManifestList, .ociArtifactManifest]
  for type in types {
    guard let manifest = try? Manifest(parsing: bytes, contentType: type) else { continue }
    precondition(manifest.bytes == bytes)
    guard let again = try? Manifest(parsing: manifest.bytes, contentType: manifest.mediaType) else {
      preconditionFailure("what was read as \(manifest.mediaType) is refused as that")
    }
    precondition(again.kind == manifest.kind && again.mediaType == manifest.mediaType)
    precondition(again.config == manifest.config && again.layers == manifest.layers)
    precondition(again.entries == manifest.entries && again.subject == manifest.subject)
    precondition(manifest.requiredBlobs.isDisjoint(with: manifest.optionalBlobs))
    let descriptors = [manifest.config, manifest.subject].compactMap { $0 } + manifest.layers + manifest.entries
    precondition(descriptors.allSatisfy { $0.size >= 0 })
  }
  return 0
}
