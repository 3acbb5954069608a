/// What is different between the file systems of two images.
public struct ImageDifference: Sendable {
  /// A file that is in one of them only, or in both and not the same.
  public struct FileChange: Hashable, Sendable {
    /// The path.
    public let path: RootedPath
    /// What is there in the first one.
    public let before: FileTree.File?
    /// What is there in the second one.
    public let after: FileTree.File?

    /// How many bytes of content the second one has more.
    public var growth: Int64 { (after?.size ?? 0) - (before?.size ?? 0) }
  }

  /// A package that is in one of them only, or in both in other versions.
  public struct PackageChange: Hashable, Sendable {
    /// What installed it.
    public let system: Package.System
    /// The name.
    public let name: String
    /// The architecture, empty where the database does not say.
    public let architecture: String
    /// The versions in the first one, none where it was added.
    public let before: [String]
    /// The versions in the second one, none where it was removed.
    public let after: [String]
  }

  /// What is in the second one only, in the order of paths.
  public let added: [FileChange]
  /// What is in the first one only, in the order of paths.
  public let removed: [FileChange]
  /// What is in both, with another kind, content, owner or permissions, in the order of paths. Times do not count.
  public let changed: [FileChange]
  /// The packages that changed, by system, name and architecture.
  public let packages: [PackageChange]

  /// Compares two file systems, and the packages in them.
  public init(
    from before: FileTree, _ packagesBefore: PackageDatabase, to after: FileTree, _ packagesAfter: PackageDatabase
  ) {
    let changes = Self.changes(before.files, after.files)
    added = changes.filter { $0.before == nil }
    removed = changes.filter { $0.after == nil }
    changed = changes.filter { $0.before != nil && $0.after != nil }
    packages = Self.changes(packagesBefore.packages, packagesAfter.packages)
  }

  /// Goes through both lists, which are in the same order, at once.
  private static func changes(_ before: [FileTree.File], _ after: [FileTree.File]) -> [FileChange] {
    var changes: [FileChange] = []
    var before = before[...]
    var after = after[...]
    while let path = [before.first?.path, after.first?.path].compactMap({ $0 }).min() {
      let old = before.first?.path == path ? before.popFirst() : nil
      let new = after.first?.path == path ? after.popFirst() : nil
      if let old, let new, old.isSame(as: new) { continue }
      changes.append(FileChange(path: path, before: old, after: new))
    }
    return changes
  }

  private static func changes(_ before: [Package], _ after: [Package]) -> [PackageChange] {
    struct Key: Hashable {
      let system: Package.System
      let name: String
      let architecture: String

      init(_ package: Package) {
        system = package.system
        name = package.name
        architecture = package.architecture
      }
    }
    let old = Dictionary(grouping: before, by: Key.init)
    let new = Dictionary(grouping: after, by: Key.init)
    return Set(old.keys).union(new.keys)
      .map { key in
        PackageChange(
          system: key.system, name: key.name, architecture: key.architecture, before: (old[key] ?? []).map(\.version),
          after: (new[key] ?? []).map(\.version))
      }
      .filter { $0.before != $0.after }
      .sorted {
        ($0.system.rawValue, $0.name, $0.architecture) < ($1.system.rawValue, $1.name, $1.architecture)
      }
  }
}

extension FileTree.File {
  fileprivate func isSame(as other: FileTree.File) -> Bool {
    kind == other.kind && mode == other.mode && userID == other.userID && groupID == other.groupID
      && size == other.size && digest == other.digest
  }
}
