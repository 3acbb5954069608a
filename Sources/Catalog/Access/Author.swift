/// Who changes something, as the history of tags and the audit trail tell it.
public struct Author: Hashable, Sendable {
  /// The account, `organization+robot`, or what a workflow says about itself.
  public let name: String
  /// What showed that it was them, such as `password` or `token 12 (ci)`; never the secret.
  public let credential: String?
  /// The address that the request came from.
  public let address: String?

  /// Makes one of its parts.
  public init(name: String, credential: String? = nil, address: String? = nil) {
    self.name = name
    self.credential = credential
    self.address = address
  }

  /// The registry itself.
  public static let berth = Author(name: "berth")
}
