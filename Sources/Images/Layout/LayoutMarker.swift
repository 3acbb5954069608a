internal import OCI

/// The file `oci-layout`, which says that a folder or an archive is a layout (OCI image spec, "Image Layout").
enum LayoutMarker {
  /// The name of the file.
  static let name = "oci-layout"

  /// What the file says.
  static let bytes = Array(#"{"imageLayoutVersion":"1.0.0"}"#.utf8)

  /// Checks the text of a marker.
  ///
  /// - Throws: `ImagesError` of the code `malformed`.
  static func verify(_ bytes: [UInt8], of place: String) throws {
    guard let json = try? JSONValue(parsing: bytes), case .string(let version) = json["imageLayoutVersion"] else {
      throw ImagesError(.malformed, "\(place) is no OCI layout: its file oci-layout names no imageLayoutVersion")
    }
    guard version.hasPrefix("1.") else {
      throw ImagesError(.malformed, "\(place) is an OCI layout of version \(quoted(version)), and 1.0.0 can be read")
    }
  }

  /// Where a blob is, from the layout's root on.
  static func path(of digest: Digest) -> String { "blobs/\(digest.algorithm.rawValue)/\(digest.hex)" }
}
