internal import RegistryClient

/// What went wrong with images, in words for people.
public struct ImagesError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The kinds of faults.
  public enum Code: Hashable, Sendable {
    /// Something that is referred to is not there.
    case missing
    /// Bytes are not what their descriptor says.
    case mismatch
    /// A layout or an archive is not made as its format says.
    case malformed
    /// What is asked for cannot be done in this place or with this image.
    case unsupported
    /// A name is taken by another manifest, and was to be left alone.
    case nameTaken
    /// A file could not be read or written.
    case file
  }

  /// The kind.
  public let code: Code
  /// What was wrong, and what would be right.
  public let description: String

  /// Takes both.
  public init(_ code: Code, _ description: String) {
    self.code = code
    self.description = description
  }
}

extension Error {
  /// Whether it says that bytes were not those of their descriptor, which fetching them anew may mend.
  var isMismatch: Bool {
    switch self {
    case let error as ImagesError: error.code == .mismatch
    case let error as RegistryClientError: error.code == .digestMismatch
    default: false
    }
  }
}
