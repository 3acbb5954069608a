import Archives
import Layers
import OCI

/// A file of an image.
struct FileReport: Encodable {
  let path: String
  /// `file`, `directory`, `link`, `hard-link`, `character-device`, `block-device` or `fifo`.
  let kind: String
  /// What a link leads to.
  let target: String?
  /// The permissions in octal digits.
  let mode: String
  let userID: Int64
  let groupID: Int64
  /// In bytes.
  let size: Int64
  /// When it was changed last (RFC 3339).
  let modified: String
  /// The digest of the layer that it is from.
  let layer: String
  /// The digest of its content.
  let digest: String?

  init(_ file: FileTree.File, _ contents: ImageContents) {
    path = file.path.description
    (kind, target) =
      switch file.kind {
      case .file: ("file", nil)
      case .directory: ("directory", nil)
      case .symbolicLink(let target): ("link", target.description)
      case .hardLink(let target): ("hard-link", target.description)
      case .characterDevice: ("character-device", nil)
      case .blockDevice: ("block-device", nil)
      case .fifo: ("fifo", nil)
      }
    mode = String(file.mode, radix: 8)
    userID = file.userID
    groupID = file.groupID
    size = file.size
    modified =
      Timestamp(milliseconds: min(max(file.modified.seconds, Self.times.lowerBound), Self.times.upperBound) * 1000)
      .rfc3339
    layer = contents.layers[file.layer].digest.description
    digest = file.digest?.description
    permissions = Self.permissions(file)
  }

  private let permissions: String

  /// The seconds since 1970 of the years 1 to 9999, which is as far as RFC 3339 goes; archives can hold any number.
  private static let times: ClosedRange<Int64> = -62_135_596_800...253_402_300_799

  private enum CodingKeys: String, CodingKey {
    case path, kind, target, mode, userID, groupID, size, modified, layer, digest
  }

  /// The path, and what a link leads to.
  var line: String { PlainText.line(path + (target.map { " -> \($0)" } ?? "")) }

  /// What `ls -l` says, and the layer's first digits.
  var longLine: String {
    let digits = layer.split(separator: ":").last?.prefix(Digest.shortLength) ?? ""
    let owner = "\(userID):\(groupID)"
    let columns = [
      permissions, owner + String(repeating: " ", count: max(0, 11 - owner.count)),
      String(repeating: " ", count: max(0, 10 - "\(size)".count)) + "\(size)", modified, String(digits), line,
    ]
    return columns.joined(separator: "  ")
  }

  private static func permissions(_ file: FileTree.File) -> String {
    let letter =
      switch file.kind {
      case .file, .hardLink: "-"
      case .directory: "d"
      case .symbolicLink: "l"
      case .characterDevice: "c"
      case .blockDevice: "b"
      case .fifo: "p"
      }
    let letters = Array("rwxrwxrwx")
    var text = letters.indices.map { file.mode & (0o400 >> UInt16($0)) != 0 ? letters[$0] : "-" }
    // Set-user-id, set-group-id and sticky stand where the right to execute does.
    for (bit, place, mark) in [(0o4000, 2, "s"), (0o2000, 5, "s"), (0o1000, 8, "t")] as [(UInt16, Int, String)]
    where file.mode & bit != 0 {
      text[place] = Character(text[place] == "x" ? mark : mark.uppercased())
    }
    return letter + String(text)
  }
}
