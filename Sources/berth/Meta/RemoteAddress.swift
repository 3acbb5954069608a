import Foundation

/// Where a repository was cloned from, as its page on the web.
struct RemoteAddress: Hashable {
  /// The page, without credentials.
  let page: String
  /// The repository's name.
  let name: String

  /// Reads what Git calls a remote: `https://host/team/app.git`, `ssh://git@host/team/app` or `git@host:team/app.git`.
  ///
  /// - Returns: nil for a folder, and for anything else that has no page.
  init?(_ remote: String) {
    let host: String
    var path: String
    if let address = URLComponents(string: remote), let scheme = address.scheme, remote.contains("://") {
      guard ["http", "https", "ssh", "git"].contains(scheme), let name = address.host, !name.isEmpty else { return nil }
      // The port of another protocol than the web's is not that of the page.
      let port = ["http", "https"].contains(scheme) ? address.port.map { ":\($0)" } ?? "" : ""
      (host, path) = ("\(scheme == "http" ? "http" : "https")://\(name)\(port)", address.path)
    } else if let colon = remote.firstIndex(of: ":"), !remote[..<colon].contains("/") {
      let name = remote[..<colon].split(separator: "@").last ?? ""
      guard !name.isEmpty else { return nil }
      (host, path) = ("https://\(name)", "/" + remote[remote.index(after: colon)...])
    } else {
      return nil
    }
    if path.hasSuffix("/") { path.removeLast() }
    if path.hasSuffix(".git") { path.removeLast(".git".count) }
    guard let name = path.split(separator: "/").last else { return nil }
    self.name = String(name)
    page = host + path
  }
}
