internal import Crypto
internal import CryptoExtras
internal import OCI

/// A key pair of an issuer of the tests' own, which signs what it is told to, right or wrong.
public struct IssuerKey: Sendable {
  private enum Pair: Sendable {
    case rsa(_RSA.Signing.PrivateKey)
    case p256(P256.Signing.PrivateKey)
    case p384(P384.Signing.PrivateKey)
    case p521(P521.Signing.PrivateKey)
    case ed25519(Curve25519.Signing.PrivateKey)
  }

  /// Its `kid`.
  public let identifier: String
  private let pair: Pair

  /// Makes an RSA key of 2048 bits.
  public static func rsa(_ identifier: String) throws -> IssuerKey {
    IssuerKey(identifier: identifier, pair: .rsa(try _RSA.Signing.PrivateKey(keySize: .bits2048)))
  }

  /// Makes a key of the curve P-256.
  public static func p256(_ identifier: String) -> IssuerKey { IssuerKey(identifier: identifier, pair: .p256(.init())) }

  /// Makes a key of the curve P-384.
  public static func p384(_ identifier: String) -> IssuerKey { IssuerKey(identifier: identifier, pair: .p384(.init())) }

  /// Makes a key of the curve P-521.
  public static func p521(_ identifier: String) -> IssuerKey { IssuerKey(identifier: identifier, pair: .p521(.init())) }

  /// Makes a key of the curve Ed25519.
  public static func ed25519(_ identifier: String) -> IssuerKey {
    IssuerKey(identifier: identifier, pair: .ed25519(.init()))
  }

  /// The same key under another `kid`.
  public func renamed(_ identifier: String) -> IssuerKey { IssuerKey(identifier: identifier, pair: pair) }

  /// The algorithm that it signs by where none is asked for.
  public var algorithm: String {
    switch pair {
    case .rsa: "RS256"
    case .p256: "ES256"
    case .p384: "ES384"
    case .p521: "ES512"
    case .ed25519: "EdDSA"
    }
  }

  /// The public key as PEM (RFC 7468); nil for Ed25519.
  public var publicPEM: String? {
    switch pair {
    case .rsa(let key): key.publicKey.pemRepresentation
    case .p256(let key): key.publicKey.pemRepresentation
    case .p384(let key): key.publicKey.pemRepresentation
    case .p521(let key): key.publicKey.pemRepresentation
    case .ed25519: nil
    }
  }

  /// The public key as a DER structure (RFC 5280, section 4.1.2.7); nil for Ed25519.
  public var publicDER: [UInt8]? {
    switch pair {
    case .rsa(let key): Array(key.publicKey.derRepresentation)
    case .p256(let key): Array(key.publicKey.derRepresentation)
    case .p384(let key): Array(key.publicKey.derRepresentation)
    case .p521(let key): Array(key.publicKey.derRepresentation)
    case .ed25519: nil
    }
  }

  /// The public key as a JWK (RFC 7517), with members added, replaced or, where they are nil, left out.
  public func jwk(_ changes: [String: String?] = [:]) throws -> String {
    var members = try publicMembers()
    members["kid"] = JSONText.string(identifier)
    members["use"] = #""sig""#
    for (name, value) in changes { members[name] = value }
    return JSONText.object(members.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
  }

  private func publicMembers() throws -> [String: String] {
    switch pair {
    case .rsa(let key):
      let numbers = try key.publicKey.getKeyPrimitives()
      return [
        "kty": #""RSA""#, "n": Self.number(Array(numbers.modulus)), "e": Self.number(Array(numbers.publicExponent)),
      ]
    case .p256(let key): return Self.curve("P-256", Array(key.publicKey.rawRepresentation))
    case .p384(let key): return Self.curve("P-384", Array(key.publicKey.rawRepresentation))
    case .p521(let key): return Self.curve("P-521", Array(key.publicKey.rawRepresentation))
    case .ed25519(let key):
      return [
        "kty": #""OKP""#, "crv": #""Ed25519""#, "x": Self.number(Array(key.publicKey.rawRepresentation)),
      ]
    }
  }

  private static func curve(_ name: String, _ point: [UInt8]) -> [String: String] {
    [
      "kty": #""EC""#, "crv": JSONText.string(name), "x": number(Array(point.prefix(point.count / 2))),
      "y": number(Array(point.suffix(point.count / 2))),
    ]
  }

  private static func number(_ bytes: [UInt8]) -> String { JSONText.string(base64URL(bytes)) }

  /// Signs bytes as an algorithm of the key says (RFC 7518, section 3.1).
  public func sign(_ bytes: [UInt8], by algorithm: String? = nil) throws -> [UInt8] {
    switch (pair, algorithm ?? self.algorithm) {
    case (.rsa(let key), let algorithm):
      let padding: _RSA.Signing.Padding = algorithm.hasPrefix("PS") ? .PSS : .insecurePKCS1v1_5
      switch algorithm.suffix(3) {
      case "384": return Array(try key.signature(for: SHA384.hash(data: bytes), padding: padding).rawRepresentation)
      case "512": return Array(try key.signature(for: SHA512.hash(data: bytes), padding: padding).rawRepresentation)
      default: return Array(try key.signature(for: SHA256.hash(data: bytes), padding: padding).rawRepresentation)
      }
    case (.p256(let key), _): return Array(try key.signature(for: bytes).rawRepresentation)
    case (.p384(let key), _): return Array(try key.signature(for: bytes).rawRepresentation)
    case (.p521(let key), _): return Array(try key.signature(for: bytes).rawRepresentation)
    case (.ed25519(let key), _): return Array(try key.signature(for: bytes))
    }
  }

  /// A signature of the curve P-256 in the form of X.509, which a JWT's never has; nil for other keys.
  public func derSignature(of bytes: [UInt8]) throws -> [UInt8]? {
    guard case .p256(let key) = pair else { return nil }
    return Array(try key.signature(for: bytes).derRepresentation)
  }

  /// A token of a header and claims whose values are JSON.
  ///
  /// - Parameters:
  ///   - claims: the payload's members.
  ///   - header: members that are added to `alg`, `kid` and `typ`, replace them or, where they are nil, take them out.
  ///   - algorithm: what the key signs by; the header says so, too, unless `header` has another `alg`.
  public func token(
    _ claims: [String: String], header: [String: String?] = [:], by algorithm: String? = nil
  ) throws -> String {
    var members = [
      "alg": JSONText.string(algorithm ?? self.algorithm), "kid": JSONText.string(identifier), "typ": #""JWT""#,
    ]
    for (name, value) in header { members[name] = value }
    return try token(header: Self.object(members), payload: Self.object(claims), by: algorithm)
  }

  /// A token of a header and a payload that are taken as they are.
  public func token(header: String, payload: String, by algorithm: String? = nil) throws -> String {
    let signed = "\(base64URL(Array(header.utf8))).\(base64URL(Array(payload.utf8)))"
    return "\(signed).\(base64URL(try sign(Array(signed.utf8), by: algorithm)))"
  }

  private static func object(_ members: [String: String]) -> String {
    JSONText.object(members.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
  }
}

/// Bytes in base64url without padding (RFC 7515, section 2).
public func base64URL(_ bytes: [UInt8]) -> String {
  let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
  var text = ""
  for start in stride(from: 0, to: bytes.count, by: 3) {
    let group = bytes[start..<min(start + 3, bytes.count)]
    let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
    for index in 0...group.count { text.append(alphabet[bits >> (18 - 6 * index) & 63]) }
  }
  return text
}
