internal import OCI

/// Names of files, relative to the data folder.
///
/// They are only ever made of the bytes of a digest or an upload's name, so none can lead out of the folder.
enum BlobPath {
  static let blobs = "blobs"
  static let uploads = "uploads"
  static let quarantine = "quarantine"

  /// The folder of an algorithm's blobs.
  static func folder(of algorithm: Digest.Algorithm) -> String {
    "\(blobs)/\(algorithm.rawValue)"
  }

  /// The folder that a blob lies in, named after the first byte of its digest.
  static func folder(of digest: Digest) -> String {
    "\(folder(of: digest.algorithm))/\(digest.hex.prefix(2))"
  }

  static func blob(_ digest: Digest) -> String {
    let hex = digest.hex
    return "\(folder(of: digest.algorithm))/\(hex.prefix(2))/\(hex)"
  }

  static func upload(_ id: UploadID) -> String {
    "\(uploads)/\(id)"
  }

  /// A second name of an upload's file, on its way to take a damaged blob's place.
  static func replacement(_ id: UploadID) -> String {
    "\(uploads)/\(id)\(replacementSuffix)"
  }

  /// A copy of an upload's file, on its way to take the upload's place.
  static func copy(_ id: UploadID) -> String {
    "\(uploads)/\(id)\(copySuffix)"
  }

  static func quarantine(_ digest: Digest, at moment: Timestamp) -> String {
    "\(quarantine)/\(digest.algorithm.rawValue)-\(digest.hex)-\(moment.milliseconds)"
  }

  static let replacementSuffix = ".replacement"
  static let copySuffix = ".copy"
}
