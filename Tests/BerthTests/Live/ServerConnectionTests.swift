import Foundation
import Server
import TestSupport
import Testing

/// What commands say of servers that they cannot speak to, or that ask for nothing.
@Suite struct ServerConnectionTests {
  @Test("a server that does not answer is named, and the exit status is 1")
  func unreachable() async throws {
    try await withTemporaryFolder { folder in
      let run = try await CommandRun(["whoami", "--server", "127.0.0.1:1"], folder: folder, environment: [:])
      #expect(run.status == 1)
      #expect(run.errors.contains("no server answers at http://127.0.0.1:1: "))
      #expect(run.errors.split(separator: "\n").count == 1)
    }
  }

  @Test("a server without TLS is not taken for one with it")
  func plain() async throws {
    try await withTemporaryFolder { folder in
      try await LiveServer.run { server in
        let run = try await CommandRun(
          ["whoami", "--server", "https://127.0.0.1:\(server.port)"], folder: folder, environment: [:])
        #expect(run.status == 1)
        #expect(run.errors.contains("is it http://127.0.0.1:\(server.port)?"))
      }
    }
  }

  @Test("there is nothing to log in to where access is open, and every command works without a credential")
  func openAccess() async throws {
    try await withTemporaryFolder { folder in
      try await LiveServer.run { server in
        let environment = ["BERTH_SERVER": server.url]
        let login = try await CommandRun(
          ["login", "-u", "alice", "--password-stdin"], folder: folder, environment: environment, input: "wonderland")
        #expect(login.status == 1)
        #expect(login.errors.contains("nothing to log in to"))
        let collection = try await CommandRun(["gc"], folder: folder, environment: environment)
        #expect(collection.status == 0, "\(collection.errors)")
        #expect(collection.output.hasPrefix("collected "))
        let forecast = try await CommandRun(["gc", "--dry-run"], folder: folder, environment: environment)
        #expect(forecast.output == "would collect 0 manifests and 0 blobs, 0 B\n")
      }
    }
  }

  @Test("a certificate of a private authority is trusted where the authority is given, and not otherwise")
  func privateAuthority() async throws {
    try await withTemporaryFolder { folder in
      let authority = try TestAuthority()
      let certificate = try authority.issue()
      let files = ["ca.pem": authority.certificate, "tls.pem": certificate.certificate, "tls.key": certificate.key]
      for (name, text) in files { try text.write(toFile: "\(folder)/\(name)", atomically: true, encoding: .utf8) }
      try await LiveServer.run(configure: {
        $0.tlsCertificate = "\(folder)/tls.pem"
        $0.tlsKey = "\(folder)/tls.key"
      }) { server in
        let arguments = ["whoami", "--server", "https://localhost:\(server.port)"]
        let stranger = try await CommandRun(arguments, folder: folder, environment: [:])
        #expect(stranger.status == 1)
        #expect(stranger.errors.contains("is not trusted"))
        #expect(stranger.errors.contains("--ca FILE"))
        let option = try await CommandRun(arguments + ["--ca", "\(folder)/ca.pem"], folder: folder, environment: [:])
        #expect(option.status == 0, "\(option.errors)")
        let variable = try await CommandRun(
          arguments, folder: folder, environment: ["BERTH_CA": "\(folder)/ca.pem"])
        #expect(variable.status == 0, "\(variable.errors)")
      }
    }
  }
}
