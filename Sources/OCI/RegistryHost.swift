/// The registry that an image's name begins with: a host, and a port where it is not the scheme's own.
public struct RegistryHost: Hashable, Sendable {
  /// The host's name or address in lower case, an IPv6 address in brackets.
  public let name: String
  /// The port where one was written.
  public let port: UInt16?

  /// Docker Hub, which names that begin with no registry belong to.
  public static let dockerHub = RegistryHost(known: "docker.io")

  private init(known name: String) {
    self.name = name
    port = nil
  }

  /// Reads `registry.example.org`, `localhost:5000` or `[::1]:5000`.
  ///
  /// Docker Hub's other name, `index.docker.io`, is read as `docker.io`.
  public init(parsing text: some StringProtocol) throws(InvalidRegistryHost) {
    guard let end = Self.endOfName(in: text), text.utf8.count <= 255 else { throw InvalidRegistryHost(text) }
    let rest = text[end...]
    if rest.isEmpty {
      port = nil
    } else {
      let digits = rest.dropFirst()
      guard rest.first == ":", digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
        let port = UInt16(digits), port > 0
      else { throw InvalidRegistryHost(text) }
      self.port = port
    }
    let name = text[..<end].lowercased()
    self.name = name == "index.docker.io" && port == nil ? Self.dockerHub.name : name
  }

  /// Whether the host is this machine, which registries are spoken to without TLS on.
  public var isLoopback: Bool {
    name == "localhost" || name.hasSuffix(".localhost") || name == "[::1]" || Self.isLoopbackIPv4(name)
  }

  private static func isLoopbackIPv4(_ name: String) -> Bool {
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
  }

  /// Where a host's name or address ends, which the port follows; nil for what is neither.
  private static func endOfName<Text: StringProtocol>(in text: Text) -> Text.Index? {
    if text.hasPrefix("[") {
      guard let bracket = text.firstIndex(of: "]") else { return nil }
      let address = text[..<bracket].dropFirst()
      let isAddress =
        address.contains(":") && address.allSatisfy { $0.isHexDigit && $0.isASCII || $0 == ":" || $0 == "." }
      return isAddress ? text.index(after: bracket) : nil
    }
    let name = text.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "." || $0 == "-" || $0 == "_") }
    return name.isEmpty || name.hasPrefix(".") || name.hasPrefix("-") ? nil : name.endIndex
  }
}

extension RegistryHost: CustomStringConvertible {
  /// The host, and `:port` where one was written, as the names of images have it.
  public var description: String { port.map { "\(name):\($0)" } ?? name }
}

/// Why a text is no registry's host.
public struct InvalidRegistryHost: Error, Hashable, CustomStringConvertible {
  /// What was wrong, and what would be right.
  public let description: String

  init(_ text: some StringProtocol) {
    description =
      "\(quoted(text)) is no registry; a registry is written as its host, such as registry.example.org or localhost:5000"
  }
}
