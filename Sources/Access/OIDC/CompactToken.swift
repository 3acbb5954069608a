internal import OCI

/// A JSON Web Token (RFC 7519) in its compact form, taken apart and not yet believed.
struct CompactToken: Sendable {
  /// The longest token that is read, in bytes.
  static let maximumLength = 16 * 1024

  let algorithm: SignatureAlgorithm
  let keyIdentifier: String?
  let claims: TokenClaims
  /// What was signed: the first two parts as they came, with the dot between them.
  let signedBytes: [UInt8]
  let signature: [UInt8]

  init(parsing text: String) throws(OIDCError) {
    guard text.utf8.count <= Self.maximumLength else {
      throw OIDCError(.tooLong, "the token has \(text.utf8.count) bytes, and \(Self.maximumLength) are the limit")
    }
    let parts = text.utf8.split(separator: UInt8(ascii: "."), maxSplits: 3, omittingEmptySubsequences: false)
    guard parts.count == 3 else {
      throw OIDCError(.notThreeParts, "the token does not have the three parts of a signed JWT")
    }
    let header = Header(members: try Self.object(of: parts[0], "header", faultCode: .invalidHeader))
    algorithm = try header.algorithm()
    try header.checkExtensions()
    try header.checkType()
    keyIdentifier = try header.keyIdentifier()
    claims = try TokenClaims(try Self.object(of: parts[1], "payload", faultCode: .invalidPayload))
    signedBytes = Array(text.utf8[..<parts[1].endIndex])
    signature = try Self.bytes(of: parts[2], "signature")
  }

  private static func bytes(of part: Substring.UTF8View, _ name: String) throws(OIDCError) -> [UInt8] {
    guard let bytes = Base64URL.decode(part) else {
      throw OIDCError(.invalidEncoding, "the token's \(name) is not base64url without padding")
    }
    return bytes
  }

  private static func object(
    of part: Substring.UTF8View, _ name: String, faultCode: OIDCError.Code
  ) throws(OIDCError) -> [String: JSONValue] {
    let bytes = try bytes(of: part, name)
    let value: JSONValue
    do {
      value = try JSONValue(parsing: bytes)
    } catch {
      throw OIDCError(faultCode, "the token's \(name) is not JSON that can be trusted: \(error)")
    }
    guard case .object(let members) = value else {
      throw OIDCError(faultCode, "the token's \(name) is \(value.kind), not a JSON object")
    }
    return members
  }

  /// Of the header (RFC 7515, section 4.1) only these members are read: a key that a token brings along (`jwk`, `x5c`)
  /// or points to (`jku`, `x5u`) says nothing about who signed it.
  private struct Header {
    let members: [String: JSONValue]

    func algorithm() throws(OIDCError) -> SignatureAlgorithm {
      guard case .string(let name)? = members["alg"] else {
        throw OIDCError(.invalidHeader, "the token's header has no 'alg'")
      }
      guard let algorithm = SignatureAlgorithm(rawValue: name) else {
        let known = SignatureAlgorithm.allCases.map(\.rawValue).joined(separator: ", ")
        throw OIDCError(.unsupportedAlgorithm, "the token's algorithm is \(quoted(name)), and not one of \(known)")
      }
      return algorithm
    }

    func checkExtensions() throws(OIDCError) {
      for name in ["crit", "b64"] where members[name] != nil {
        throw OIDCError(.unsupportedExtension, "the token's header has '\(name)', an extension that is not understood")
      }
    }

    func checkType() throws(OIDCError) {
      guard let type = members["typ"] else { return }
      guard case .string(let name) = type, ["jwt", "at+jwt"].contains(name.lowercased()) else {
        throw OIDCError(.wrongType, "the 'typ' of the token's header is neither JWT nor at+jwt")
      }
    }

    func keyIdentifier() throws(OIDCError) -> String? {
      switch members["kid"] {
      case nil: return nil
      case .string(let identifier): return identifier
      case let other?: throw OIDCError(.invalidHeader, "the 'kid' of the token's header is \(other.kind), not a string")
      }
    }
  }
}
