public import OCI
public import RegistryClient

/// A tar archive of an OCI layout, read in place: nothing is extracted.
public struct LayoutArchive: ImageSource {
  /// The file.
  public let path: String
  /// What messages call it.
  public let place: String
  private let contents: LayoutContents

  /// Opens an archive and reads where its files are.
  ///
  /// - Throws: `ImagesError` for a file that is no such archive.
  public init(opening path: String) async throws {
    let place = "oci-archive:\(path)"
    let contents = try await FileThreads.run {
      let tar = try TarIndex(try OpenFile.readingArchive(path))
      guard let contents = try LayoutContents(tar, place: place) else {
        throw ImagesError(.malformed, "\(path) is no archive of an OCI layout: there is no file oci-layout in it")
      }
      return contents
    }
    (self.path, self.place, self.contents) = (path, place, contents)
  }

  /// What a name stands for in the index; a digest may be that of any manifest in the archive.
  public func resolve(_ name: ImageName?) async throws -> Descriptor? { try await contents.resolve(name) }

  /// A manifest, verified.
  public func manifest(_ descriptor: Descriptor) async throws -> Manifest? { try await contents.manifest(descriptor) }

  /// The bytes of a blob.
  public func blob(_ descriptor: Descriptor, from offset: Int64) async throws -> ByteStream {
    try await contents.blob(descriptor, from: offset)
  }

  /// The manifests that the index lists and that have the subject; also what the tag for referrers lists.
  public func referrers(of digest: Digest) async throws -> [Descriptor] { try await contents.referrers(of: digest) }
}

extension LayoutContents {
  /// The layout in an archive; nil where the archive is none of a layout. It blocks.
  init?(_ tar: TarIndex, place: String) throws {
    guard let marker = tar.part(LayoutMarker.name) else { return nil }
    try LayoutMarker.verify(try marker.readAll(limit: 4096), of: place)
    guard let part = tar.part("index.json") else {
      throw ImagesError(.malformed, "\(place) has no index.json, which every OCI layout has")
    }
    let index = try LayoutIndex(try part.readAll(limit: Manifest.maximumSize * 4), from: place)
    self.init(place: place, index: { index }, part: { tar.part(LayoutMarker.path(of: $0)) })
  }
}

extension OpenFile {
  /// Opens an archive, which has to be there.
  static func readingArchive(_ path: String) throws -> OpenFile {
    guard let file = try reading(path) else { throw ImagesError(.missing, "there is no file \(path)") }
    return file
  }
}
