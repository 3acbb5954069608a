internal import NIOCore
public import OCI
internal import RegistryClient

/// A file that is to become a blob of an artifact.
public struct ArtifactFile: Hashable, Sendable {
  /// Where the file is.
  public let path: String
  /// What the file is called when it is pulled, a path relative to the folder it is pulled into.
  public let title: ArtifactTitle
  /// The type of its content.
  public let mediaType: MediaType

  /// Takes a file under its path as it is written, or under its name alone where the path leads out of this folder.
  ///
  /// - Throws: `InvalidArtifactTitle` for a name that no file of an artifact can have.
  public init(path: String, mediaType: MediaType = .octetStream) throws(InvalidArtifactTitle) {
    self.path = path
    let names = path.split(separator: "/").filter { $0 != "." }
    let leadsOut = path.hasPrefix("/") || names.contains("..")
    title = try ArtifactTitle(parsing: leadsOut ? String(names.last ?? "") : names.joined(separator: "/"))
    self.mediaType = mediaType
  }

  /// Reads `path` or `path:type/subtype`.
  ///
  /// - Throws: `InvalidArtifactTitle`, `InvalidMediaType`.
  public init(parsing text: String) throws {
    // Only what looks like a type is one: file names may have colons.
    guard let colon = text.lastIndex(of: ":"), text[colon...].contains("/") else {
      try self.init(path: text)
      return
    }
    try self.init(
      path: String(text[..<colon]), mediaType: try MediaType(parsing: text[text.index(after: colon)...]))
  }

  /// Hashes the file.
  ///
  /// - Throws: `ImagesError` of the code `file`.
  func descriptor() async throws -> Descriptor {
    let opened = try await opened()
    let (digest, size) = try await FileThreads.run {
      var (hasher, size) = (Digest.Hasher(.sha256), Int64(0))
      while true {
        let piece = try opened.read(at: size, count: FilePieces.pieceSize)
        guard piece.readableBytes > 0 else { return (hasher.finalize(), size) }
        piece.withUnsafeReadableBytes { hasher.update($0) }
        size += Int64(piece.readableBytes)
      }
    }
    return Descriptor(
      mediaType: mediaType, digest: digest, size: size,
      annotations: [ArtifactTitle.annotation: title.value])
  }

  /// The file's bytes from an offset on.
  func bytes(from offset: Int64, size: Int64) async throws -> ByteStream {
    ByteStream(FilePieces(file: try await opened(), range: offset..<size))
  }

  private func opened() async throws -> OpenFile {
    try await FileThreads.run {
      guard let file = try OpenFile.reading(path) else { throw ImagesError(.file, "there is no file \(path)") }
      return file
    }
  }
}

/// What a blob of an artifact is called: a path that stays within the folder it is written into
/// (OCI image spec, annotation `org.opencontainers.image.title`).
public struct ArtifactTitle: Hashable, Sendable, CustomStringConvertible {
  /// The annotation that holds it.
  public static let annotation = "org.opencontainers.image.title"

  /// The path, its parts parted by `/`.
  public let value: String

  /// Reads a relative path that has no `..`, no empty part and no control characters.
  public init(parsing text: some StringProtocol) throws(InvalidArtifactTitle) {
    let parts = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    let isSafe = parts.allSatisfy { part in
      let name = Array(part)
      return !name.isEmpty && name.count <= 255 && name != Array(".".utf8) && name != Array("..".utf8)
        && name.allSatisfy { $0 >= 0x20 && $0 != 0x7f && $0 != UInt8(ascii: "\\") }
    }
    guard isSafe, text.utf8.count <= 4096 else { throw InvalidArtifactTitle(text) }
    value = String(text)
  }

  /// The folder that the file is in, relative to the one that everything is written into; nil where it is that one.
  var folder: String? {
    value.lastIndex(of: "/").map { String(value[..<$0]) }
  }

  /// The path.
  public var description: String { value }
}

/// Why a path is not what a file of an artifact can be called.
public struct InvalidArtifactTitle: Error, Hashable, CustomStringConvertible {
  /// What was wrong, and what would be right.
  public let description: String

  init(_ text: some StringProtocol) {
    description =
      "\(quoted(text)) is no name for a file of an artifact: it has to be a relative path without .., such as "
      + "reports/sbom.json"
  }
}
