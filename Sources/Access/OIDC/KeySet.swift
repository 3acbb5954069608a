internal import OCI

/// The keys of an issuer (RFC 7517, section 5) that can verify tokens.
struct KeySet: Sendable {
  /// The most keys that are read; issuers have less than ten.
  private static let maximumCount = 100

  private let keys: [VerificationKey]

  /// Reads a key set. Keys for other purposes are passed over, as the specification asks.
  init(parsing bytes: [UInt8]) async throws(InvalidKeySet) {
    let json: JSONValue
    do {
      json = try JSONValue(parsing: bytes)
    } catch {
      throw InvalidKeySet("it is not JSON that can be trusted: \(error)")
    }
    guard case .array(let elements)? = json["keys"] else { throw InvalidKeySet("it has no array 'keys'") }
    guard elements.count <= Self.maximumCount else { throw InvalidKeySet("it has more than \(Self.maximumCount) keys") }
    var keys: [VerificationKey] = []
    var faults: [String] = []
    for element in elements {
      do {
        keys.append(try await VerificationKey(element))
      } catch {
        faults.append(error.description)
      }
    }
    guard !keys.isEmpty else {
      throw InvalidKeySet("it has no key that can verify: \(faults.first ?? "the array 'keys' is empty")")
    }
    self.keys = keys
  }

  /// Whether a key is there for a token that names one, or none.
  func holds(_ identifier: String?) -> Bool {
    identifier == nil || keys.contains { $0.identifier == identifier }
  }

  /// Checks that one of the keys made a token's signature.
  func verify(_ token: CompactToken) throws(OIDCError) {
    let named = try keys(named: token.keyIdentifier)
    let fitting = named.filter { $0.fits(token.algorithm) }
    guard !fitting.isEmpty else {
      throw OIDCError(.algorithmMismatch, "the token's key is not one for the algorithm \(token.algorithm.rawValue)")
    }
    let isSigned = fitting.contains {
      $0.verifies(token.signature, of: token.signedBytes, by: token.algorithm)
    }
    guard isSigned else {
      throw OIDCError(.invalidSignature, "the signature is not one of the issuer's key over the token")
    }
  }

  private func keys(named identifier: String?) throws(OIDCError) -> [VerificationKey] {
    guard let identifier else {
      guard keys.count == 1 else {
        throw OIDCError(.missingKeyIdentifier, "the token's header has no 'kid', and its issuer has \(keys.count) keys")
      }
      return keys
    }
    let named = keys.filter { $0.identifier == identifier }
    guard !named.isEmpty else { throw .unknownKey(identifier) }
    return named
  }
}

extension OIDCError {
  /// The issuer has no key of that identifier.
  static func unknownKey(_ identifier: String?) -> OIDCError {
    OIDCError(.unknownKey, "the token's 'kid' is \(quoted(identifier ?? "")), and its issuer has no key of that name")
  }
}

/// Why bytes are not the keys of an issuer.
struct InvalidKeySet: Error, CustomStringConvertible {
  let description: String

  init(_ reason: String) {
    description = "the key set cannot be used: \(reason)"
  }
}
