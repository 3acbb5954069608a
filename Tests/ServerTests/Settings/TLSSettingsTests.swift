import Testing

@testable import Server

@Suite("Settings of TLS")
struct TLSSettingsTests {
  private func load(_ arguments: String...) async throws -> Settings {
    try await Settings.load(arguments: arguments, environment: [:])
  }

  @Test("a certificate and its key are set together, and without them there is no TLS")
  func together() async throws {
    #expect(try await load().tlsCertificate == nil)
    let settings = try await load("--tls-certificate", "c.pem", "--tls-key", "k.pem")
    #expect(settings.tlsCertificate == "c.pem")
    #expect(settings.tlsKey == "k.pem")
    #expect(try await load("--tls-certificate", "none", "--tls-key", "none").tlsKey == nil)
  }

  @Test(
    "what leads nowhere is refused, with what is missing",
    arguments: [
      (
        ["--tls-certificate", "c"],
        "tls-certificate (from --tls-certificate): needs tls-key, the PEM file with its private key"
      ),
      (["--tls-key", "k"], "tls-key (from --tls-key): needs tls-certificate, the PEM file with its certificate"),
      (
        ["--redirect-listen", "127.0.0.1:80"],
        "redirect-listen (from --redirect-listen): needs tls-certificate and tls-key: "
          + "without TLS there is nothing to send requests to"
      ),
      (
        [
          "--redirect-listen", "127.0.0.1:80", "--tls-certificate", "c", "--tls-key", "k", "--external-url",
          "http://a.example",
        ],
        "redirect-listen (from --redirect-listen): needs an external-url that begins with https://, "
          + "and http://a.example does not"
      ),
      (
        ["--redirect-listen", "127.0.0.1:80", "--tls-certificate", "c", "--tls-key", "k", "--listen", "127.0.0.1:0"],
        "redirect-listen (from --redirect-listen): needs to know where to send requests: "
          + "give listen a port other than 0, or set external-url"
      ),
    ])
  func refused(_ arguments: [String], _ message: String) async throws {
    let error = await #expect(throws: SettingsError.self) {
      try await Settings.load(arguments: arguments, environment: [:])
    }
    #expect(error?.description == message)
  }
}
