/// The system that an image runs on (OCI image spec, "Image Index", `platform`).
public struct Platform: Hashable, Sendable {
  /// The operating system, as Go's `GOOS` calls it.
  public let os: String
  /// The processor's architecture, as Go's `GOARCH` calls it.
  public let architecture: String
  /// The variant of the architecture, such as `v8`.
  public let variant: String?
  /// The version of the operating system, which Windows images name.
  public let osVersion: String?

  /// Takes the names of a platform, in the spelling of the spec: `aarch64` is `arm64`, and its variant `v8` is left out.
  public init(os: String, architecture: String, variant: String? = nil, osVersion: String? = nil) {
    self.os = os.lowercased()
    (self.architecture, self.variant) = Self.normalized(
      architecture.lowercased(), variant.flatMap { $0.isEmpty ? nil : $0.lowercased() })
    self.osVersion = osVersion.flatMap { $0.isEmpty ? nil : $0 }
  }

  /// Reads `os/architecture` or `os/architecture/variant`.
  public init(parsing text: some StringProtocol) throws(InvalidPlatform) {
    let parts = String(text).split(separator: "/", omittingEmptySubsequences: false).map { String($0) }
    guard (2...3).contains(parts.count), parts.allSatisfy(Self.isName) else { throw InvalidPlatform(text) }
    self.init(os: parts[0], architecture: parts[1], variant: parts.count == 3 ? parts[2] : nil)
  }

  /// Whether an image of this platform is what `wanted` asks for: what `wanted` leaves open fits anything.
  public func satisfies(_ wanted: Platform) -> Bool {
    os == wanted.os && architecture == wanted.architecture
      && (wanted.variant == nil || wanted.variant == variant)
      && (wanted.osVersion == nil || wanted.osVersion == osVersion)
  }

  private static func normalized(_ architecture: String, _ variant: String?) -> (String, String?) {
    switch (architecture, variant) {
    case ("aarch64", let variant), ("arm64", let variant): ("arm64", variant == "v8" || variant == "8" ? nil : variant)
    case ("x86_64", let variant), ("x86-64", let variant), ("amd64", let variant):
      ("amd64", variant == "v1" ? nil : variant)
    case ("i386", _), ("i686", _): ("386", nil)
    case ("armhf", nil): ("arm", "v7")
    case ("armel", nil): ("arm", "v6")
    case ("arm", .some(let variant)) where !variant.hasPrefix("v"): ("arm", "v" + variant)
    default: (architecture, variant)
    }
  }

  private static func isName(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.count <= 64
      && text.unicodeScalars.allSatisfy {
        $0.isASCII && ($0.properties.isAlphabetic || "0123456789._-".unicodeScalars.contains($0))
      }
  }
}

extension Platform {
  /// Reads the platform that an index names for an entry; nil where it names none.
  init?(_ value: JSONValue?, at place: String) throws(InvalidManifest) {
    switch value {
    case nil, .null: return nil
    case .object:
      guard let os = try Descriptor.optionalString(value?["os"], at: "\(place).os"),
        let architecture = try Descriptor.optionalString(value?["architecture"], at: "\(place).architecture")
      else { return nil }
      self.init(
        os: os, architecture: architecture,
        variant: try Descriptor.optionalString(value?["variant"], at: "\(place).variant"),
        osVersion: try Descriptor.optionalString(value?["os.version"], at: "\(place).os.version"))
    case .some(let other): throw InvalidManifest("\(place) is \(other.kind), not an object")
    }
  }

  /// The platform as JSON.
  var json: String {
    var members = [("architecture", JSONText.string(architecture)), ("os", JSONText.string(os))]
    if let osVersion { members.append(("os.version", JSONText.string(osVersion))) }
    if let variant { members.append(("variant", JSONText.string(variant))) }
    return JSONText.object(members)
  }
}

extension Platform: CustomStringConvertible {
  /// The platform as command lines write it, such as `linux/arm/v7`.
  public var description: String { ([os, architecture] + [variant].compactMap { $0 }).joined(separator: "/") }
}

/// Why a text is not a platform.
public struct InvalidPlatform: Error, Hashable, CustomStringConvertible {
  /// What was wrong, and what would be right.
  public let description: String

  init(_ text: some StringProtocol) {
    description = "\(quoted(text)) is not a platform; a platform reads like linux/amd64 or linux/arm/v7"
  }
}
