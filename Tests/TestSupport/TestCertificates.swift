internal import Crypto
internal import Foundation

/// An authority that exists for one test, and issues certificates that nobody else trusts.
public struct TestAuthority: Sendable {
  /// Its own certificate as PEM, for clients to trust.
  public let certificate: String
  private let key: P256.Signing.PrivateKey
  private let name: String

  /// Makes an authority with a new key.
  public init(name: String = "Authority of a test") throws {
    self.name = name
    key = P256.Signing.PrivateKey()
    let constraints = DER.sequence(DER.oid(2, 5, 29, 19), DER.true, DER.octets(DER.sequence(DER.true)))
    certificate = try Self.certificate(
      for: key.publicKey, name: name, extensions: [constraints], issuer: name, issuerKey: key)
  }

  /// Issues a certificate for `localhost` and `127.0.0.1`, with a new key.
  ///
  /// - Parameter name: the subject, for a test to tell certificates apart.
  public func issue(name: String = "berth") throws -> TestCertificate {
    let leaf = P256.Signing.PrivateKey()
    let names = DER.sequence(
      DER.element(0x82, Array("localhost".utf8)), DER.element(0x87, [127, 0, 0, 1]))
    let certificate = try Self.certificate(
      for: leaf.publicKey, name: name, extensions: [DER.sequence(DER.oid(2, 5, 29, 17), DER.octets(names))],
      issuer: self.name, issuerKey: key)
    return TestCertificate(certificate: certificate, key: leaf.pemRepresentation)
  }

  /// RFC 5280, section 4.1: valid from 2020 to 2049, signed with ECDSA and SHA-256.
  private static func certificate(
    for key: P256.Signing.PublicKey, name: String, extensions: [[UInt8]], issuer: String,
    issuerKey: P256.Signing.PrivateKey
  ) throws -> String {
    let algorithm = DER.sequence(DER.oid(1, 2, 840, 10045, 4, 3, 2))
    let validity = DER.sequence(
      DER.element(0x17, Array("200101000000Z".utf8)), DER.element(0x17, Array("491231235959Z".utf8)))
    let serial = [UInt8.random(in: 1...127)] + (0..<15).map { _ in UInt8.random(in: .min ... .max) }
    let contents = DER.sequence(
      DER.element(0xa0, DER.element(0x02, [2])), DER.element(0x02, serial), algorithm, commonName(issuer), validity,
      commonName(name), Array(key.derRepresentation), DER.element(0xa3, DER.sequence(extensions.flatMap { $0 })))
    let signature = try issuerKey.signature(for: contents).derRepresentation
    let certificate = DER.sequence(contents, algorithm, DER.element(0x03, [0] + signature))
    let text = Data(certificate).base64EncodedString(options: .lineLength64Characters)
    return "-----BEGIN CERTIFICATE-----\n\(text)\n-----END CERTIFICATE-----\n"
  }

  private static func commonName(_ name: String) -> [UInt8] {
    DER.sequence(
      DER.element(0x31, DER.sequence(DER.oid(2, 5, 4, 3), DER.element(0x0c, Array(name.utf8)))))
  }
}

/// A server's certificate with its private key, both as PEM.
public struct TestCertificate: Sendable {
  /// The certificate.
  public let certificate: String
  /// The key that belongs to it.
  public let key: String
}

/// As much of the distinguished encoding rules (X.690) as a certificate takes.
private enum DER {
  static let `true` = element(0x01, [0xff])

  static func sequence(_ elements: [UInt8]...) -> [UInt8] { element(0x30, elements.flatMap { $0 }) }

  static func octets(_ contents: [UInt8]) -> [UInt8] { element(0x04, contents) }

  static func oid(_ first: UInt64, _ second: UInt64, _ others: UInt64...) -> [UInt8] {
    element(0x06, ([first * 40 + second] + others).flatMap(base128))
  }

  static func element(_ tag: UInt8, _ contents: [UInt8]) -> [UInt8] {
    let count = contents.count
    switch count {
    case ..<0x80: return [tag, UInt8(count)] + contents
    case ..<0x100: return [tag, 0x81, UInt8(count)] + contents
    default: return [tag, 0x82, UInt8(count >> 8), UInt8(count & 0xff)] + contents
    }
  }

  private static func base128(_ number: UInt64) -> [UInt8] {
    var bytes = [UInt8(number & 0x7f)]
    var rest = number >> 7
    while rest > 0 {
      bytes.insert(UInt8(rest & 0x7f) | 0x80, at: 0)
      rest >>= 7
    }
    return bytes
  }
}
