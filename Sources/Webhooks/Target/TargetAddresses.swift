public import Access
public import Catalog
internal import OCI

/// Which addresses webhooks may reach.
///
/// A name is resolved for each attempt, and the request goes to an address that was looked at, so that a name that
/// stands for another address by then changes nothing.
public struct TargetAddresses: Sendable {
  private let allowsPrivate: Bool
  private let resolve: @Sendable (String) async throws(WebhookFailure) -> [ClientAddress]

  /// - Parameter allowsPrivate: whether loopback, private and other special addresses may be reached.
  public init(allowsPrivate: Bool) {
    self.init(
      allowsPrivate: allowsPrivate,
      resolve: { name throws(WebhookFailure) in try await NameResolution.addresses(of: name) })
  }

  init(
    allowsPrivate: Bool, resolve: @escaping @Sendable (String) async throws(WebhookFailure) -> [ClientAddress]
  ) {
    self.allowsPrivate = allowsPrivate
    self.resolve = resolve
  }

  /// The address to connect to.
  ///
  /// - Throws: where the name has no address, or any that may not be reached.
  public func address(for url: WebhookURL) async throws(WebhookFailure) -> ClientAddress {
    let addresses = try await resolve(url.host)
    if !allowsPrivate, let forbidden = addresses.first(where: ForbiddenNetworks.contain) {
      let name = forbidden.description == url.host ? url.host : "\(url.host) stands for \(forbidden), which"
      throw WebhookFailure(
        "\(name) is no public address, and the setting webhook-private-targets does not allow others", isForbidden: true
      )
    }
    guard let first = addresses.first else { throw WebhookFailure("\(url.host) has no address") }
    return first
  }
}

/// Why a webhook's target was not reached.
public struct WebhookFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// What went wrong.
  public let description: String
  /// Whether its address may not be reached.
  public let isForbidden: Bool

  /// Takes both.
  public init(_ reason: String, isForbidden: Bool = false) {
    description = reason
    self.isForbidden = isForbidden
  }
}
