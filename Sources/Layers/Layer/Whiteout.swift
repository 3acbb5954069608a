/// A file of a layer that takes away what is in the layers below (OCI image spec, "Whiteouts").
enum Whiteout: Equatable {
  /// Takes a file or directory away.
  case file(RootedPath)
  /// Takes away what is in a directory, which stays.
  case opaque(RootedPath)

  private static let prefix = Array(".wh.".utf8)
  /// Names that begin so are marks of the union file system that came up with them.
  private static let reservedPrefix = Array(".wh..wh.".utf8)
  private static let opaqueName = Array(".wh..wh..opq".utf8)

  /// Tells by a path's name, or answers nil where it is not a whiteout.
  init?(_ path: RootedPath) {
    let name = path.name
    if name.elementsEqual(Self.opaqueName) {
      self = .opaque(path.parent)
    } else if name.starts(with: Self.prefix), !Self.isReserved(name) {
      self = .file(path.parent.appending(name.dropFirst(Self.prefix.count)))
    } else {
      return nil
    }
  }

  /// Whether a name is neither a file's nor a whiteout's of one.
  static func isReserved(_ name: ArraySlice<UInt8>) -> Bool {
    name.starts(with: reservedPrefix) || [".wh.", ".wh..", ".wh..."].contains { name.elementsEqual($0.utf8) }
  }
}
