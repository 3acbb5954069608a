import Access
import Crypto
import OCI
import TestSupport
import Testing

/// A token that must not be let in, and why not.
struct RefusedToken: Sendable, CustomTestStringConvertible {
  let name: String
  let code: OIDCError.Code
  let make: @Sendable (TrustScenario) throws -> String

  var testDescription: String { name }

  init(_ name: String, _ code: OIDCError.Code, _ make: @escaping @Sendable (TrustScenario) throws -> String) {
    self.name = name
    self.code = code
    self.make = make
  }

  /// A right token but for some claims.
  static func claims(_ name: String, _ code: OIDCError.Code, _ changes: [String: String?]) -> RefusedToken {
    RefusedToken(name, code) { try TrustScenario.p256.token($0.claims(changes)) }
  }

  /// A right token but for times, in seconds from now.
  static func times(_ name: String, _ code: OIDCError.Code, _ changes: [String: Int64?]) -> RefusedToken {
    RefusedToken(name, code) { scenario in
      let times = changes.mapValues { offset in offset.map { "\(scenario.seconds + $0)" } }
      return try TrustScenario.p256.token(scenario.claims(times))
    }
  }

  /// A right token but for some members of the header.
  static func header(_ name: String, _ code: OIDCError.Code, _ changes: [String: String?]) -> RefusedToken {
    RefusedToken(name, code) { try TrustScenario.p256.token($0.claims(), header: changes) }
  }

  /// A right token whose text is changed.
  static func text(
    _ name: String, _ code: OIDCError.Code, _ change: @escaping @Sendable (String) -> String
  ) -> RefusedToken {
    RefusedToken(name, code) { change(try TrustScenario.p256.token($0.claims())) }
  }

  /// A right token whose three parts are changed.
  static func parts(
    _ name: String, _ code: OIDCError.Code, _ change: @escaping @Sendable ([String]) -> [String]
  ) -> RefusedToken {
    text(name, code) { change($0.split(separator: ".").map(String.init)).joined(separator: ".") }
  }

  /// A token that is rightly signed, of a header that is taken as it is.
  static func rawHeader(_ name: String, _ header: String) -> RefusedToken {
    RefusedToken(name, .invalidHeader) { scenario in
      try TrustScenario.p256.token(
        header: header, payload: JSONText.object(scenario.claims().map { ($0.key, $0.value) }))
    }
  }

  /// A token that is rightly signed, of a payload that is taken as it is.
  static func rawPayload(
    _ name: String, _ payload: @escaping @Sendable (TrustScenario) -> String
  ) -> RefusedToken {
    RefusedToken(name, .invalidPayload) { scenario in
      try TrustScenario.p256.token(
        header: #"{"alg":"ES256","kid":"p256-1","typ":"JWT"}"#, payload: payload(scenario))
    }
  }

  /// A token that a shared key signed, which everybody can read.
  static func shared(
    _ name: String, _ algorithm: String, _ secret: @escaping @Sendable () throws -> [UInt8]
  ) -> RefusedToken {
    RefusedToken(name, .unsupportedAlgorithm) { scenario in
      let header = #"{"alg":"\#(algorithm)","kid":"rsa-1","typ":"JWT"}"#
      let payload = JSONText.object(scenario.claims().map { ($0.key, $0.value) })
      let signed = "\(base64URL(Array(header.utf8))).\(base64URL(Array(payload.utf8)))"
      let code = HMAC<SHA256>.authenticationCode(for: Array(signed.utf8), using: SymmetricKey(data: try secret()))
      return "\(signed).\(base64URL(Array(code)))"
    }
  }
}
