internal import OCI

extension IndexText {
  /// Finds the entries of an index that a place holds.
  ///
  /// - Throws: `ImagesError` where it has no list of manifests.
  init(verifying bytes: [UInt8]) throws(ImagesError) {
    guard let text = IndexText(bytes) else {
      throw ImagesError(.malformed, "the index has no list of manifests, which every index has")
    }
    self = text
  }
}
