/// What points at content: its type, digest and size (OCI image spec, "Content Descriptors").
public struct Descriptor: Hashable, Sendable {
  /// The type of the content.
  public let mediaType: MediaType
  /// The digest of the content.
  public let digest: Digest
  /// The size of the content, in bytes.
  public let size: Int64
  /// The type of the artifact, where the content is a manifest that carries one.
  public let artifactType: String?
  /// What the content's owner says of it.
  public let annotations: [String: String]
  /// What the content runs on, where it is an entry of an index that says so.
  public let platform: Platform?

  /// Makes a descriptor from parts that are known to be right.
  public init(
    mediaType: MediaType, digest: Digest, size: Int64, artifactType: String? = nil, annotations: [String: String] = [:],
    platform: Platform? = nil
  ) {
    self.mediaType = mediaType
    self.digest = digest
    self.size = size
    self.artifactType = artifactType
    self.annotations = annotations
    self.platform = platform
  }

  /// The descriptor as JSON, annotations in the order of their names.
  public var json: String {
    var members = [
      ("mediaType", JSONText.string(mediaType.value)),
      ("digest", JSONText.string(digest.description)),
      ("size", String(size)),
    ]
    if let platform { members.append(("platform", platform.json)) }
    if let artifactType { members.append(("artifactType", JSONText.string(artifactType))) }
    if !annotations.isEmpty {
      let sorted = annotations.sorted { $0.key < $1.key }.map { ($0.key, JSONText.string($0.value)) }
      members.append(("annotations", JSONText.object(sorted)))
    }
    return JSONText.object(members)
  }
}

extension Descriptor {
  /// Reads a descriptor that stands at `place` in a manifest.
  init(_ value: JSONValue, at place: String) throws(InvalidManifest) {
    guard case .object = value else { throw InvalidManifest("\(place) is \(value.kind), not a descriptor") }
    guard case .string(let type) = value["mediaType"] else {
      throw InvalidManifest("\(place) has no mediaType")
    }
    guard case .string(let digest) = value["digest"] else { throw InvalidManifest("\(place) has no digest") }
    guard case .integer(let size) = value["size"], size >= 0 else {
      throw InvalidManifest("\(place) has no size that is a whole number of bytes")
    }
    do {
      mediaType = try MediaType(parsing: type)
      self.digest = try Digest(parsing: digest)
    } catch let error as InvalidMediaType {
      throw InvalidManifest("\(place): \(error)")
    } catch let error as InvalidDigest {
      throw InvalidManifest("\(place): \(error)")
    } catch {
      preconditionFailure("a parser threw what it does not declare: \(error)")
    }
    self.size = size
    artifactType = try Self.optionalString(value["artifactType"], at: "\(place).artifactType")
    annotations = try Self.annotations(value["annotations"], at: "\(place).annotations")
    platform = try Platform(value["platform"], at: "\(place).platform")
    try verifyEmbeddedData(value["data"], at: place)
  }

  static func optionalString(_ value: JSONValue?, at place: String) throws(InvalidManifest) -> String? {
    switch value {
    case nil, .null: return nil
    case .string(let text): return text.isEmpty ? nil : text
    case .some(let other): throw InvalidManifest("\(place) is \(other.kind), not a string")
    }
  }

  static func annotations(_ value: JSONValue?, at place: String) throws(InvalidManifest) -> [String: String] {
    switch value {
    case nil, .null: return [:]
    case .object(let members):
      var annotations: [String: String] = [:]
      for (name, value) in members {
        guard case .string(let text) = value else {
          throw InvalidManifest("\(place).\(name) is \(value.kind), and annotations are strings")
        }
        annotations[name] = text
      }
      return annotations
    case .some(let other): throw InvalidManifest("\(place) is \(other.kind), not an object of strings")
    }
  }

  /// Content that a descriptor carries along must be the content it points at, or two clients would see two things.
  private func verifyEmbeddedData(_ value: JSONValue?, at place: String) throws(InvalidManifest) {
    guard let value else { return }
    if case .null = value { return }
    guard case .string(let text) = value, let data = Base64.decode(text) else {
      throw InvalidManifest("\(place).data is not base64 (RFC 4648, section 4)")
    }
    guard data.count == size, Digest.of(data, algorithm: digest.algorithm) == digest else {
      throw InvalidManifest("\(place).data is not the content that its digest and size say")
    }
  }
}

enum Base64 {
  private static let values: [UInt8] = {
    var values = [UInt8](repeating: 255, count: 256)
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    for (index, character) in alphabet.utf8.enumerated() { values[Int(character)] = UInt8(index) }
    return values
  }()

  /// Decodes the padded standard alphabet, or answers nil.
  static func decode(_ text: String) -> [UInt8]? {
    var characters = Array(text.utf8)
    guard characters.count.isMultiple(of: 4) else { return nil }
    for _ in 0..<2 where characters.last == UInt8(ascii: "=") { characters.removeLast() }
    guard characters.count % 4 != 1 else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(characters.count * 3 / 4)
    var bits: UInt32 = 0
    var bitCount = 0
    for character in characters {
      let value = values[Int(character)]
      guard value < 64 else { return nil }
      bits = (bits << 6 | UInt32(value)) & 0xffff
      bitCount += 6
      if bitCount >= 8 {
        bitCount -= 8
        bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(bitCount)))
      }
    }
    return bytes
  }
}
