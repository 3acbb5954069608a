/// Where clients reach a server: a scheme and a host, and nothing behind them.
public struct ExternalURL: Hashable, Sendable {
  /// `http` or `https`.
  public let scheme: String
  /// The host, with its port where that is not the scheme's own.
  public let host: HostAndPort
}

extension ExternalURL: SettingValue, CustomStringConvertible {
  static var placeholder: String { "url" }

  /// Parses `https://registry.example.org` or `http://10.0.0.1:5000`.
  public init(parsing text: String) throws(InvalidValue) {
    let scheme = ["https", "http"].first { text.lowercased().hasPrefix("\($0)://") }
    var authority = text.dropFirst((scheme?.utf8.count ?? 0) + 3)
    if authority.hasSuffix("/") { authority.removeLast() }
    guard let scheme, let host = HostAndPort(parsing: authority) else {
      throw InvalidValue(
        "\(quoted(text)) is not a scheme and a host alone: write them as in https://registry.example.org")
    }
    self.scheme = scheme
    self.host = host
  }

  /// The form `init(parsing:)` reads.
  public var description: String { "\(scheme)://\(host)" }
}
