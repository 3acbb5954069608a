internal import Access
public import Catalog
internal import Crypto
internal import OCI

/// A request to a webhook's target, ready to be sent.
public struct WebhookMessage: Hashable, Sendable {
  /// The header fields, but for what the length and the host say.
  public let headers: [String: String]
  /// The body, in JSON.
  public let body: [UInt8]

  /// Says what happened in the shape that the webhook wants; the same delivery is the same message, whenever it is sent.
  ///
  /// - Parameter origin: where clients reach this registry, such as `https://registry.example.org`.
  public init(_ due: DueWebhookDelivery, from origin: String) {
    let (own, text) =
      switch due.settings.format {
      case .cloudevents: CloudEvent(due, from: origin).message
      case .package, .registryPackage: PackageEvent(due, from: origin).message
      }
    body = Array(text.utf8)
    let signature = Self.signature(of: body, by: due.secret)
    headers = own.merging(["User-Agent": "berth", "X-Hub-Signature-256": "sha256=\(signature)"]) { own, _ in own }
  }

  /// HMAC-SHA256 of the body (RFC 2104), in hexadecimal digits.
  private static func signature(of body: [UInt8], by secret: WebhookSecret) -> String {
    let key = SymmetricKey(data: Array(secret.reveal().utf8))
    return HMAC<SHA256>.authenticationCode(for: body, using: key)
      .map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
  }
}
