internal import JWTKit
internal import OCI

/// A public key of an issuer (RFC 7517, section 4), with the algorithms that it may verify.
struct VerificationKey: Sendable {
  let identifier: String?
  private let verifiers: [SignatureAlgorithm: any JWTAlgorithm]

  /// Reads one element of a key set.
  ///
  /// - Throws: `UnusableKey` for a key that is not an asymmetric one for signatures, or not a sound one.
  init(_ json: JSONValue) async throws(UnusableKey) {
    guard case .object(let members) = json else { throw UnusableKey("a key is \(json.kind), not an object") }
    identifier = try Self.text("kid", in: members)
    try Self.checkUse(members)
    let material = try KeyMaterial(members)
    var algorithms = material.algorithms
    if let name = try Self.text("alg", in: members) {
      algorithms = algorithms.filter { $0.rawValue == name }
      guard !algorithms.isEmpty else { throw UnusableKey("a key is for the algorithm \(quoted(name))") }
    }
    var verifiers: [SignatureAlgorithm: any JWTAlgorithm] = [:]
    for algorithm in algorithms { verifiers[algorithm] = try await material.verifier(for: algorithm) }
    self.verifiers = verifiers
  }

  func fits(_ algorithm: SignatureAlgorithm) -> Bool {
    verifiers[algorithm] != nil
  }

  /// Whether the key made a signature by an algorithm that fits the key.
  func verifies(_ signature: [UInt8], of bytes: [UInt8], by algorithm: SignatureAlgorithm) -> Bool {
    guard let verifier = verifiers[algorithm] else { return false }
    do {
      return try verifier.verify(signature, signs: bytes)
    } catch {
      // It throws for a signature whose length is not that of the curve's.
      return false
    }
  }

  /// A key that says what it is for (RFC 7517, sections 4.2 and 4.3) must be for verifying.
  private static func checkUse(_ members: [String: JSONValue]) throws(UnusableKey) {
    if let use = try text("use", in: members), use != "sig" { throw UnusableKey("a key is for \(quoted(use))") }
    guard let operations = members["key_ops"] else { return }
    guard case .array(let elements) = operations,
      elements.contains(where: { if case .string("verify") = $0 { true } else { false } })
    else { throw UnusableKey("a key's 'key_ops' does not hold \"verify\"") }
  }

  fileprivate static func text(_ name: String, in members: [String: JSONValue]) throws(UnusableKey) -> String? {
    switch members[name] {
    case nil: return nil
    case .string(let text): return text
    case let other?: throw UnusableKey("a key's '\(name)' is \(other.kind), not a string")
    }
  }
}

/// Why a key cannot verify tokens.
struct UnusableKey: Error, CustomStringConvertible {
  let description: String

  init(_ reason: String) {
    description = reason
  }
}

/// The numbers of a public key (RFC 7518, section 6; RFC 8037, section 2), never those of a private or shared one.
private enum KeyMaterial {
  case rsa(modulus: String, exponent: String)
  case curve(ECDSACurve, x: String, y: String)
  case ed25519(x: String)

  init(_ members: [String: JSONValue]) throws(UnusableKey) {
    let type = try VerificationKey.text("kty", in: members) ?? ""
    let curve = try VerificationKey.text("crv", in: members) ?? ""
    switch (type, curve) {
    case ("RSA", _):
      self = .rsa(modulus: try Self.number("n", in: members), exponent: try Self.number("e", in: members))
    case ("EC", _):
      guard let curve = ECDSACurve(rawValue: curve) else { throw UnusableKey("a key is of the curve \(quoted(curve))") }
      let length = Self.coordinateLength(of: curve)
      self = .curve(
        curve, x: try Self.number("x", in: members, bytes: length), y: try Self.number("y", in: members, bytes: length))
    case ("OKP", "Ed25519"): self = .ed25519(x: try Self.number("x", in: members, bytes: 32))
    default: throw UnusableKey("a key is of the type \(quoted(type)) \(quoted(curve))")
    }
  }

  private static func coordinateLength(of curve: ECDSACurve) -> Int {
    switch curve {
    case .p256: 32
    case .p384: 48
    default: 66
    }
  }

  /// A number as it was written, which it must be in base64url, and of a length where that is given.
  private static func number(
    _ name: String, in members: [String: JSONValue], bytes length: Int? = nil
  ) throws(UnusableKey) -> String {
    guard let text = try VerificationKey.text(name, in: members), let bytes = Base64URL.decode(text.utf8),
      !bytes.isEmpty, length == nil || bytes.count == length
    else { throw UnusableKey("a key's '\(name)' is missing, not base64url or of the wrong length") }
    return text
  }

  var algorithms: [SignatureAlgorithm] {
    switch self {
    case .rsa: [.rs256, .rs384, .rs512, .ps256, .ps384, .ps512]
    case .curve(.p256, _, _): [.es256]
    case .curve(.p384, _, _): [.es384]
    case .curve: [.es512]
    case .ed25519: [.edDSA]
    }
  }

  /// What verifies by one algorithm and by no other.
  ///
  /// Each gets a collection of its own, because one that holds a key for several algorithms goes on using the first
  /// that it was asked for, and so an attacker's header would decide how later tokens are verified.
  func verifier(for algorithm: SignatureAlgorithm) async throws(UnusableKey) -> any JWTAlgorithm {
    let identifier = JWKIdentifier(string: "only")
    let name = JWK.Algorithm(rawValue: algorithm.rawValue)
    let key: JWK =
      switch self {
      case .rsa(let modulus, let exponent):
        .rsa(name, identifier: identifier, modulus: modulus, exponent: exponent)
      case .curve(let curve, let x, let y): .ecdsa(name, identifier: identifier, x: x, y: y, curve: curve)
      case .ed25519(let x): .octetKeyPair(name, identifier: identifier, x: x, y: nil, curve: .ed25519)
      }
    do {
      let collection = try await JWTKeyCollection().add(jwk: key)
      let verifier = try await collection.getKey(for: identifier, alg: algorithm.rawValue)
      guard verifier.name == algorithm.rawValue else { throw UnusableKey("a key is not one for \(algorithm.rawValue)") }
      return verifier
    } catch {
      throw UnusableKey("a key for \(algorithm.rawValue) is not a sound one: \(error)")
    }
  }
}
