import Access
import Foundation
import NIOSSL
import OCI
import TestSupport
import Testing

@Suite("Issuers with an authority of their own")
struct IssuerTLSTests {
  @Test("an issuer is reached by https when the trust file names its authority, and by no other")
  func trustRoots() async throws {
    let authority = try TestAuthority()
    let key = IssuerKey.p256("p256-1")
    try await withTemporaryFolder { folder in
      let roots = try Self.write(authority.certificate, to: "\(folder)/right.pem")
      let others = try Self.write(try TestAuthority().certificate, to: "\(folder)/other.pem")
      let garbage = try Self.write("no certificate", to: "\(folder)/garbage.pem")
      try await TestIssuer.run(keys: [key], tls: try Self.serverConfiguration(authority)) { issuer in
        let verifier = OIDCVerifier(report: { _ in })
        let token = try key.token(issuer.workflowClaims())
        #expect(await Self.refusal(of: token, by: verifier, Self.policy(issuer, roots: roots)) == nil)
        for (file, reason) in [
          (nil, "certificate"), (others, "certificate"), (garbage, "the trust roots in \(garbage) cannot be read"),
          ("\(folder)/missing.pem", "the trust roots in \(folder)/missing.pem cannot be read"),
        ] {
          let refusal = await Self.refusal(of: token, by: verifier, Self.policy(issuer, roots: file))
          #expect(refusal?.code == .issuerUnavailable)
          #expect(refusal?.reason.lowercased().contains(reason.lowercased()) == true, "\(refusal?.reason ?? "let in")")
        }
        try await verifier.shutdown()
      }
    }
  }

  private static func write(_ text: String, to path: String) throws -> String {
    try Data(text.utf8).write(to: URL(filePath: path))
    return path
  }

  private static func serverConfiguration(_ authority: TestAuthority) throws -> TLSConfiguration {
    let certificate = try authority.issue()
    return .makeServerConfiguration(
      certificateChain: try NIOSSLCertificate.fromPEMBytes(Array(certificate.certificate.utf8)).map {
        .certificate($0)
      },
      privateKey: .privateKey(try NIOSSLPrivateKey(bytes: Array(certificate.key.utf8), format: .pem)))
  }

  private static func policy(_ issuer: TestIssuer, roots: String?) -> String {
    """
    - name: api
      issuer: \(issuer.url)
      audience: registry.example.org
      conditions: {repository: team/api}
      grants: [{repositories: team/api, scopes: "read:packages"}]
    """ + (roots.map { "\n  ca: \($0)" } ?? "")
  }

  private static func refusal(of token: String, by verifier: OIDCVerifier, _ file: String) async -> OIDCError? {
    do {
      _ = try await verifier.verify(token, policy: try TrustPolicy(yaml: Array(file.utf8)))
      return nil
    } catch let error as OIDCError {
      return error
    } catch {
      Issue.record(error)
      return nil
    }
  }
}
