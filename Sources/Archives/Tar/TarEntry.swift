/// What a tar archive says of one of its files.
public struct TarEntry: Hashable, Sendable {
  /// What an entry is.
  public enum Kind: Hashable, Sendable {
    /// A file with content.
    case file
    /// Another name of a file that came before, by that file's path in the archive.
    case hardLink(to: ArchivePath)
    /// A symbolic link and the text in it.
    case symbolicLink(to: ArchivePath)
    /// A directory.
    case directory
    /// A character device.
    case characterDevice(major: UInt32, minor: UInt32)
    /// A block device.
    case blockDevice(major: UInt32, minor: UInt32)
    /// A named pipe.
    case fifo
  }

  /// A moment, as finely as PAX writes it.
  public struct Time: Hashable, Sendable {
    /// Whole seconds since 1970, rounded down.
    public var seconds: Int64
    /// Nanoseconds after that, less than a thousand million.
    public var nanoseconds: Int32

    /// Takes the seconds since 1970 and the nanoseconds after them.
    public init(seconds: Int64, nanoseconds: Int32 = 0) {
      self.seconds = seconds
      self.nanoseconds = nanoseconds
    }
  }

  /// The path, as the archive writes it.
  public var path: ArchivePath
  /// What it is.
  public var kind: Kind
  /// The permissions, with the bits for set-user-id, set-group-id and sticky.
  public var mode: UInt16
  /// The owner's number.
  public var userID: Int64
  /// The group's number.
  public var groupID: Int64
  /// The owner's name, often empty.
  public var userName: String
  /// The group's name, often empty.
  public var groupName: String
  /// The bytes of content; none but files have any.
  public var size: Int64
  /// When it was changed last.
  public var modified: Time
  /// The extended attributes by their names, such as `security.capability`.
  public var extendedAttributes: [String: [UInt8]]

  /// Describes a file; what is left out is what most files in layers have.
  public init(
    path: ArchivePath, kind: Kind = .file, mode: UInt16? = nil, userID: Int64 = 0, groupID: Int64 = 0,
    userName: String = "", groupName: String = "", size: Int64 = 0, modified: Time = Time(seconds: 0),
    extendedAttributes: [String: [UInt8]] = [:]
  ) {
    self.path = path
    self.kind = kind
    self.mode = mode ?? (kind == .directory ? 0o755 : 0o644)
    self.userID = userID
    self.groupID = groupID
    self.userName = userName
    self.groupName = groupName
    self.size = size
    self.modified = modified
    self.extendedAttributes = extendedAttributes
  }
}
