/// Which requests go through a proxy.
///
/// As with curl and with programs in Go, `HTTPS_PROXY` is for requests over TLS and `HTTP_PROXY` for the others;
/// `NO_PROXY` lists what is reached directly, and so is this machine, always. Each name may stand in small letters;
/// where both are set, capitals count.
public struct ProxySettings: Sendable {
  private let plain: ProxyServer?
  private let secure: ProxyServer?
  private let exemptions: ProxyExemptions

  /// No proxy for anything.
  public static let none = ProxySettings(plain: nil, secure: nil, exemptions: ProxyExemptions(""))

  private init(plain: ProxyServer?, secure: ProxyServer?, exemptions: ProxyExemptions) {
    self.plain = plain
    self.secure = secure
    self.exemptions = exemptions
  }

  /// Reads the variables of a process.
  ///
  /// - Throws: `InvalidConfiguration` for what is no proxy over HTTP.
  public init(environment: [String: String]) throws(InvalidConfiguration) {
    func value(_ name: String) -> (name: String, text: String)? {
      for name in [name, name.lowercased()] {
        if let text = environment[name], !text.isEmpty { return (name, text) }
      }
      return nil
    }
    func server(_ name: String) throws(InvalidConfiguration) -> ProxyServer? {
      guard let (name, text) = value(name) else { return nil }
      // The value may hold a password, and is not shown.
      guard let server = ProxyServer(text) else {
        throw InvalidConfiguration(
          name,
          "it is no proxy over HTTP; it reads like http://proxy.example.org:3128, or "
            + "http://user:password@proxy.example.org:3128")
      }
      return server
    }
    self.init(
      plain: try server("HTTP_PROXY"), secure: try server("HTTPS_PROXY"),
      exemptions: ProxyExemptions(value("NO_PROXY")?.text ?? ""))
  }

  /// The proxy that a request goes through; nil for none.
  func proxy(for origin: WebAddress.Origin) -> ProxyServer? {
    guard let proxy = origin.isSecure ? secure : plain, !exemptions.cover(origin) else { return nil }
    return proxy
  }
}
