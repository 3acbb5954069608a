import Crypto
import Foundation
import JWTKit
import NIOHTTP1
import OCI
import Server
import Testing
import TestSupport

/// The claims of an access token that other services may rely on (Distribution's token specification, "Claim Set").
private struct PublishedClaims: JWTPayload {
  struct Access: Codable, Equatable {
    let type: String
    let name: String
    let actions: [String]
  }

  let iss: String
  let aud: String
  let sub: String
  let jti: String
  let exp: ExpirationClaim
  let nbf: NotBeforeClaim
  let access: [Access]

  func verify(using algorithm: some JWTAlgorithm) async throws {
    try exp.verifyNotExpired()
    try nbf.verifyNotBefore()
  }
}

@Suite("The signature of access tokens", .liveServer { $0.access = .accounts })
struct SigningTests {
  private let server = LiveServer.current

  /// A user with an image, and an access token that pulls it.
  private func prepare() async throws -> (user: String, token: String, target: String) {
    let user = try await server.makeUser()
    _ = try await server.pushNewImage(to: "\(user.name)/tool", tag: "v1", as: user.login)
    let token = try await server.accessToken(as: user.login, scopes: ["repository:\(user.name)/tool:pull"])
    return (user.name, token.token, "/v2/\(user.name)/tool/manifests/v1")
  }

  @Test("the published keys verify the tokens, whose claims are the specification's")
  func published() async throws {
    let (user, token, _) = try await prepare()
    let reply = try await server.send(.GET, "/.well-known/jwks.json")
    #expect(reply.status == 200 && reply["Content-Type"] == "application/jwk-set+json")
    #expect(!reply.text.contains(#""d":"#))
    let keys = try await JWTKeyCollection().add(jwksJSON: reply.text)
    let claims = try await keys.verify(token, as: PublishedClaims.self)
    #expect(claims.iss == "berth" && claims.aud == "berth" && claims.sub == user && !claims.jti.isEmpty)
    #expect(claims.access == [PublishedClaims.Access(type: "repository", name: "\(user)/tool", actions: ["pull"])])
    let header = try #require(Token(token)).header
    #expect(header.contains(#""alg":"ES256""#) && header.contains(#""kid":""#))
  }

  /// A token taken apart.
  struct Token {
    let header: String
    let payload: String
    let signature: String

    init?(_ text: String) {
      let parts = text.split(separator: ".").map(String.init)
      guard parts.count == 3, let header = Self.decode(parts[0]), let payload = Self.decode(parts[1]) else {
        return nil
      }
      (self.header, self.payload, signature) = (header, payload, parts[2])
    }

    private static func decode(_ text: String) -> String? {
      let padded = text.replacing("-", with: "+").replacing("_", with: "/")
      let padding = String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
      return Data(base64Encoded: padded + padding).map { String(decoding: $0, as: UTF8.self) }
    }

    static func text(_ header: String, _ payload: String, _ signature: String) -> String {
      "\(base64URL(Array(header.utf8))).\(base64URL(Array(payload.utf8))).\(signature)"
    }
  }

  /// A way to make a token that the server did not sign.
  enum Forgery: String, CaseIterable {
    case otherPayload, otherSignature, noSignature, algorithmNone, algorithmNoneWithSignature, otherKey,
      otherKeyWithoutName, secretOfPublicKey, cut, longer
  }

  @Test("what the server did not sign as it stands there is refused", arguments: Forgery.allCases)
  func forged(_ forgery: Forgery) async throws {
    let (user, text, target) = try await prepare()
    #expect(try await server.send(.GET, target, as: .token(text)).status == 200)
    let token = try #require(Token(text))
    let wider = token.payload.replacing(#"["pull"]"#, with: #"["pull","push"]"#)
    #expect(wider != token.payload)
    let other = IssuerKey.p256("other")
    let forged =
      switch forgery {
      case .otherPayload: Token.text(token.header, wider, token.signature)
      case .otherSignature: Token.text(token.header, token.payload, String(token.signature.reversed()))
      case .noSignature: Token.text(token.header, token.payload, "")
      case .algorithmNone: Token.text(#"{"alg":"none","typ":"JWT"}"#, token.payload, "")
      case .algorithmNoneWithSignature: Token.text(#"{"alg":"none","typ":"JWT"}"#, token.payload, token.signature)
      case .otherKey: try other.token(header: token.header, payload: token.payload)
      case .otherKeyWithoutName: try other.token(header: #"{"alg":"ES256","typ":"JWT"}"#, payload: token.payload)
      case .secretOfPublicKey: try await signedByPublicKey(token)
      case .cut: String(text.dropLast(4))
      case .longer: text + ".e30"
      }
    for login in [Login.token(forged), .password(user, forged)] {
      let reply = try await server.send(.GET, target, as: login)
      #expect(reply.status == 401 && reply.isError(.unauthorized))
      #expect(!reply.text.contains(forged))
    }
  }

  /// HS256 with the published key as the secret.
  private func signedByPublicKey(_ token: Token) async throws -> String {
    let keys = try await server.send(.GET, "/.well-known/jwks.json").text
    let header = token.header.replacing("ES256", with: "HS256")
    let signed = "\(base64URL(Array(header.utf8))).\(base64URL(Array(token.payload.utf8)))"
    let signature = HMAC<SHA256>.authenticationCode(
      for: Array(signed.utf8), using: SymmetricKey(data: Array(keys.utf8)))
    return "\(signed).\(base64URL(Array(signature)))"
  }
}
