internal import Catalog
internal import Crypto
internal import Foundation
internal import JWTKit
internal import Locks
internal import OCI

/// Signs access tokens and knows its own again (RFC 7515; ES256, RFC 7518, section 3.4).
///
/// Keys are in the catalogue, so that tokens outlive a restart. The newest signs; an older one is known for as long as a
/// token that it signed can be worth something.
final class TokenSigner: Sendable {
  /// How long a key signs before the next takes over.
  static let rotation = Duration.seconds(30 * 86_400)
  /// How long a token may be worth something at the most.
  static let longestLife = Duration.seconds(86_400)

  private struct Ring: Sendable {
    /// The newest first.
    let keys: [SigningKey]
    let collection: JWTKeyCollection
    let jwks: String
  }

  private let catalog: any AccessCatalog
  private let ring: Locked<Ring>

  init(catalog: any AccessCatalog) async throws {
    self.catalog = catalog
    ring = Locked(try await Self.load(catalog, at: .now))
  }

  /// The public keys as a JWK Set (RFC 7517, section 5).
  var jwks: String { ring.withLock { $0.jwks } }

  /// Puts a new key in the place of one that has signed for long enough.
  func rotateIfDue(at now: Timestamp) async throws {
    guard Self.isDue(ring.withLock { $0.keys }, at: now) else { return }
    let next = try await Self.load(catalog, at: now)
    ring.withLock { $0 = next }
  }

  func sign(_ claims: AccessClaims) async throws -> String {
    let (collection, key) = ring.withLock { ($0.collection, $0.keys[0].id) }
    return try await collection.sign(claims, kid: JWKIdentifier(string: key))
  }

  /// What one of its own tokens says, whatever the time is.
  ///
  /// - Returns: nil for text that is no token of its own.
  func claims(of token: String) async -> AccessClaims? {
    let collection = ring.withLock { $0.collection }
    return try? await collection.verify(token, as: AccessClaims.self)
  }

  private static func isDue(_ keys: [SigningKey], at now: Timestamp) -> Bool {
    keys.first.map { $0.createdAt < now - rotation } ?? true
  }

  private static func load(_ catalog: any AccessCatalog, at now: Timestamp) async throws -> Ring {
    var keys = try await catalog.signingKeys()
    if isDue(keys, at: now) {
      let key = SigningKey(
        id: String(UInt64.random(in: UInt64.min...UInt64.max), radix: 16),
        privateKey: Array(P256.Signing.PrivateKey().rawRepresentation),
        createdAt: now)
      try await catalog.addSigningKey(key, forgettingBefore: now - rotation - longestLife, by: .berth)
      keys = try await catalog.signingKeys()
    }
    return try await makeRing(keys)
  }

  private static func makeRing(_ keys: [SigningKey]) async throws -> Ring {
    let collection = JWTKeyCollection()
    var published: [String] = []
    for key in keys {
      let privateKey = try P256.Signing.PrivateKey(rawRepresentation: key.privateKey)
      await collection.add(ecdsa: try ES256PrivateKey(backing: privateKey), kid: JWKIdentifier(string: key.id))
      published.append(jwk(of: privateKey.publicKey, id: key.id))
    }
    return Ring(
      keys: keys, collection: collection, jwks: JSONText.object([("keys", JSONText.array(published))]))
  }

  /// RFC 7518, section 6.2.1.
  private static func jwk(of key: P256.Signing.PublicKey, id: String) -> String {
    let coordinates = key.rawRepresentation
    return JSONText.object([
      ("kty", JSONText.string("EC")), ("crv", JSONText.string("P-256")), ("alg", JSONText.string("ES256")),
      ("use", JSONText.string("sig")), ("kid", JSONText.string(id)),
      ("x", JSONText.string(Base64URL.encode(coordinates.prefix(32)))),
      ("y", JSONText.string(Base64URL.encode(coordinates.suffix(32)))),
    ])
  }
}

/// Base64 for URLs, without padding (RFC 4648, section 5).
enum Base64URL {
  static func encode(_ bytes: some Collection<UInt8>) -> String {
    Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
  }
}
