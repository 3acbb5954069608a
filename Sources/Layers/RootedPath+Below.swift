extension RootedPath {
  /// Whether the path leads to something in a directory, however deep.
  public func isBelow(_ directory: RootedPath) -> Bool {
    directory == .root
      ? self != .root
      : bytes.starts(with: directory.bytes) && bytes.dropFirst(directory.bytes.count).first == UInt8(ascii: "/")
  }
}
