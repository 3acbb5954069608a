public import Archives

/// A path from the root of an image's file system, with nothing but names in it.
///
/// It has no slash at its ends, no `.` and no `..`; the root is the path without names. It cannot lead out of the root.
public struct RootedPath: Hashable, Sendable {
  /// As Linux has it (PATH_MAX); deeper trees could not be walked.
  static let maximumByteCount = 4096

  /// The bytes, names with a slash between them.
  public let bytes: [UInt8]

  /// The root.
  public static let root = RootedPath(names: [ArraySlice<UInt8>]())

  /// Takes a path of an archive or of a person, from the root whether it begins with a slash or not; `..` at the root
  /// stays there.
  ///
  /// - Throws: `LayerError` for a path of more than 4096 bytes.
  public init(_ path: ArchivePath) throws(LayerError) {
    var names: [ArraySlice<UInt8>] = []
    for name in path.bytes.split(separator: UInt8(ascii: "/")) {
      if name.elementsEqual("..".utf8) {
        _ = names.popLast()
      } else if !name.elementsEqual(".".utf8) {
        names.append(name)
      }
    }
    self.init(names: names)
    guard bytes.count <= Self.maximumByteCount else {
      throw LayerError("a path in the image has \(bytes.count) bytes, and Linux takes \(Self.maximumByteCount)")
    }
  }

  init(names: some Sequence<ArraySlice<UInt8>>) {
    bytes = Array(names.joined(separator: [UInt8(ascii: "/")]))
  }

  private init(bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// The names, the one at the root first.
  var names: [ArraySlice<UInt8>] { bytes.split(separator: UInt8(ascii: "/")) }

  /// The last name, empty for the root.
  var name: ArraySlice<UInt8> { names.last ?? [] }

  /// The directory that holds it; the root's is the root.
  var parent: RootedPath { RootedPath(names: names.dropLast()) }

  /// The path of what has a name in this directory.
  func appending(_ name: some Collection<UInt8>) -> RootedPath {
    RootedPath(bytes: bytes.isEmpty ? Array(name) : bytes + [UInt8(ascii: "/")] + name)
  }

  func isWithin(_ directory: String) -> Bool {
    bytes.starts(with: directory.utf8) && bytes.dropFirst(directory.utf8.count).first == UInt8(ascii: "/")
  }
}

extension RootedPath: ExpressibleByStringLiteral {
  /// Takes a literal, which must not be too long.
  public init(stringLiteral text: String) {
    do {
      try self.init(ArchivePath(text))
    } catch {
      preconditionFailure("\(error)")
    }
  }
}

extension RootedPath: CustomStringConvertible {
  /// The path as text, beginning with a slash; bytes that are not UTF-8 are replaced.
  public var description: String { "/" + String(decoding: bytes, as: UTF8.self) }
}

extension RootedPath: Comparable {
  /// Orders by names, so that what is in a directory follows it at once.
  public static func < (left: RootedPath, right: RootedPath) -> Bool {
    left.bytes.lexicographicallyPrecedes(right.bytes) { first, second in
      // No name holds a slash, so that it may stand before everything that a name holds.
      second != UInt8(ascii: "/") && (first == UInt8(ascii: "/") || first < second)
    }
  }
}
