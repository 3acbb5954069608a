internal import Archives
internal import NIOCore
internal import NIOCore

extension ImageLocation {
  /// What is at a path: a folder is a layout, and a tar archive is what its files say.
  ///
  /// - Throws: `ImagesError` where there is nothing, or neither of them.
  public init(path: String) async throws {
    self = try await FileThreads.run {
      if FilePath.isFolder(path) { return .layout(path: path, nil) }
      guard let file = try OpenFile.reading(path) else {
        throw ImagesError(.missing, "there is no file and no folder \(path)")
      }
      return try Self.archive(file)
    }
  }

  /// Looks at the names in an archive; `docker save` writes a layout with a file of its own, `manifest.json`, beside it.
  private static func archive(_ file: OpenFile) throws -> ImageLocation {
    var (reader, position, isLayout) = (TarReader(), Int64(0), false)
    while true {
      let piece = try file.read(at: position, count: 64 << 10)
      guard piece.readableBytes > 0 else { break }
      position += Int64(piece.readableBytes)
      reader.append(piece)
      while let event = try reader.next() {
        guard case .entry(let entry) = event else { continue }
        switch entry.path.description {
        case "manifest.json", "./manifest.json": return .dockerArchive(path: file.path, nil)
        case "oci-layout", "./oci-layout": isLayout = true
        default: break
        }
        position += reader.skipContent()
      }
    }
    guard isLayout else {
      throw ImagesError(
        .malformed, "\(file.path) holds no image: neither a manifest.json, as of docker save, nor an oci-layout")
    }
    return .layoutArchive(path: file.path, nil)
  }
}
