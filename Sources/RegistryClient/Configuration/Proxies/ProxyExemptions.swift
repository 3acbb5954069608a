#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// What is reached without a proxy, as `NO_PROXY` lists it, separated by commas.
///
/// `example.org` stands for the host and all below it, `.example.org` and `*.example.org` for those below it alone,
/// `192.0.2.7` and `2001:db8::7` for an address, `10.0.0.0/8` for a network, and `*` for everything. Behind a host or an
/// address there may be a port. What is none of these matches nothing.
struct ProxyExemptions: Sendable {
  private struct Entry: Sendable {
    enum Subject: Sendable {
      case everything
      case network(NetworkAddress, prefixLength: Int)
      /// Begins with the dot.
      case below(String)
      case host(String)
    }

    let subject: Subject
    let port: Int?
  }

  private let entries: [Entry]

  init(_ text: String) {
    entries = text.split(separator: ",").flatMap { Self.entries(of: $0.trimmingSpaces.lowercased()) }
  }

  /// Whether an origin is reached directly.
  func cover(_ origin: WebAddress.Origin) -> Bool {
    let host = origin.host.hasPrefix("[") ? String(origin.host.dropFirst().dropLast()) : origin.host
    let address = NetworkAddress(host)
    if host == "localhost" || host.hasSuffix(".localhost") || address?.isLoopback == true { return true }
    return entries.contains { entry in
      guard entry.port == nil || entry.port == origin.port else { return false }
      return switch entry.subject {
      case .everything: true
      case .network(let network, let length): address.map { network.sharesPrefix(length, with: $0) } ?? false
      case .below(let domain): host.hasSuffix(domain) && host != domain
      case .host(let name): host == name
      }
    }
  }

  private static func entries(of text: String) -> [Entry] {
    guard !text.isEmpty else { return [] }
    if text == "*" { return [Entry(subject: .everything, port: nil)] }
    if let network = network(text) { return [Entry(subject: network, port: nil)] }
    let (name, port) = split(text)
    if let address = NetworkAddress(name) {
      return [Entry(subject: .network(address, prefixLength: address.bitCount), port: port)]
    }
    if name.hasPrefix("*.") { return [Entry(subject: .below(String(name.dropFirst())), port: port)] }
    if name.hasPrefix(".") { return [Entry(subject: .below(name), port: port)] }
    return [Entry(subject: .host(name), port: port), Entry(subject: .below(".\(name)"), port: port)]
  }

  private static func network(_ text: String) -> Entry.Subject? {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    let bare = parts[0].hasPrefix("[") && parts[0].hasSuffix("]") ? parts[0].dropFirst().dropLast() : parts[0]
    guard let address = NetworkAddress(String(bare)) else { return nil }
    if parts.count == 1 { return .network(address, prefixLength: address.bitCount) }
    guard parts.count == 2, let length = Int(parts[1]), (0...address.bitCount).contains(length) else { return nil }
    return .network(address, prefixLength: length)
  }

  /// The host, without brackets, and the port behind it.
  private static func split(_ text: String) -> (String, Int?) {
    guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]) else {
      return (text, nil)
    }
    let name = text[..<colon]
    return (String(name.hasPrefix("[") && name.hasSuffix("]") ? name.dropFirst().dropLast() : name), port)
  }
}

/// An IP address as the bytes that a network sends.
private struct NetworkAddress: Sendable {
  private let bytes: [UInt8]

  /// Reads `192.0.2.1` or `2001:db8::1`, with no brackets, no port and no zone.
  init?(_ text: String) {
    let isLong = text.utf8.contains(UInt8(ascii: ":"))
    var bytes = [UInt8](repeating: 0, count: isLong ? 16 : 4)
    guard !text.utf8.contains(0), inet_pton(isLong ? AF_INET6 : AF_INET, text, &bytes) == 1 else { return nil }
    self.bytes = bytes
  }

  var bitCount: Int { bytes.count * 8 }

  var isLoopback: Bool {
    bytes.count == 4 ? bytes[0] == 127 : bytes.dropLast().allSatisfy { $0 == 0 } && bytes.last == 1
  }

  func sharesPrefix(_ length: Int, with other: NetworkAddress) -> Bool {
    guard bytes.count == other.bytes.count else { return false }
    let (whole, rest) = (length / 8, length % 8)
    guard bytes[..<whole] == other.bytes[..<whole] else { return false }
    return rest == 0 || (bytes[whole] ^ other.bytes[whole]) >> UInt8(8 - rest) == 0
  }
}

extension Substring {
  fileprivate var trimmingSpaces: Substring {
    let start = drop { $0 == " " || $0 == "\t" }
    return start.lastIndex { $0 != " " && $0 != "\t" }.map { start[...$0] } ?? ""
  }
}
