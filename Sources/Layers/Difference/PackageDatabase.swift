/// A package that an image has installed.
public struct Package: Hashable, Sendable {
  /// What installed it.
  public enum System: String, Sendable {
    /// Debian and what is made of it; of distroless images as well.
    case dpkg
    /// Alpine and what is made of it.
    case apk
  }

  /// What installed it.
  public let system: System
  /// The name.
  public let name: String
  /// The architecture, empty where the database does not say.
  public let architecture: String
  /// The version, as the system writes it.
  public let version: String
}

/// The packages that an image's file system lists, of dpkg and apk.
///
/// The database of rpm is binary, in one of three formats, and is not read: an image made of rpm packages has none here.
public struct PackageDatabase: Sendable {
  private static let dpkgStatus: RootedPath = "var/lib/dpkg/status"
  private static let dpkgFolder = "var/lib/dpkg/status.d"
  private static let apkInstalled: RootedPath = "lib/apk/db/installed"
  private static let movedAPKInstalled: RootedPath = "usr/lib/apk/db/installed"

  /// The packages, by system, name and architecture.
  public let packages: [Package]

  /// Whether a file lists packages, so that its content has to be kept when layers are read.
  public static func isPart(_ path: RootedPath) -> Bool {
    if path == dpkgStatus || path == apkInstalled || path == movedAPKInstalled { return true }
    // Beside each package, distroless images keep the checksums of its files.
    return path.isWithin(dpkgFolder) && !path.name.suffix(8).elementsEqual(".md5sums".utf8)
  }

  /// Reads what the file system of layers lists.
  ///
  /// - Throws: `LayerError` where the content of a file that lists packages was not kept.
  public init(_ tree: FileTree, _ layers: [Layer]) throws(LayerError) {
    var packages: Set<Package> = []
    for file in tree.files where Self.isPart(file.path) && file.content != nil {
      guard let content = file.content, let bytes = layers[content.layer].contents[content.entry] else {
        throw LayerError("\(file.path) lists packages, and its \(file.size) bytes are more than is kept of a layer")
      }
      let isAPK = file.path == Self.apkInstalled || file.path == Self.movedAPKInstalled
      packages.formUnion(isAPK ? Self.apk(bytes) : Self.dpkg(bytes))
    }
    self.packages = packages.sorted {
      ($0.system.rawValue, $0.name, $0.architecture, $0.version)
        < ($1.system.rawValue, $1.name, $1.architecture, $1.version)
    }
  }

  /// Reads paragraphs of `Name: value` (deb-control(5)); a package that is removed stays listed as such.
  private static func dpkg(_ bytes: [UInt8]) -> [Package] {
    paragraphs(bytes, separator: ": ").compactMap { fields in
      guard let name = fields["Package"], let version = fields["Version"],
        fields["Status"].map({ $0.hasSuffix(" installed") }) ?? true
      else { return nil }
      return Package(system: .dpkg, name: name, architecture: fields["Architecture"] ?? "", version: version)
    }
  }

  /// Reads paragraphs of `letter:value`.
  private static func apk(_ bytes: [UInt8]) -> [Package] {
    paragraphs(bytes, separator: ":").compactMap { fields in
      guard let name = fields["P"], let version = fields["V"] else { return nil }
      return Package(system: .apk, name: name, architecture: fields["A"] ?? "", version: version)
    }
  }

  private static func paragraphs(_ bytes: [UInt8], separator: String) -> [[String: String]] {
    let wanted: Set = ["Package", "Version", "Architecture", "Status", "P", "V", "A"]
    var paragraphs: [[String: String]] = [[:]]
    for line in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      if line.isEmpty {
        paragraphs.append([:])
      } else if let colon = line.firstIndex(of: UInt8(ascii: ":")), line[colon...].starts(with: separator.utf8) {
        let name = String(decoding: line[..<colon], as: UTF8.self)
        guard wanted.contains(name) else { continue }
        let value = line[(colon + separator.utf8.count)...]
        paragraphs[paragraphs.count - 1][name] = String(decoding: value, as: UTF8.self)
      }
    }
    return paragraphs
  }
}
