import ArgumentParser

/// `berth whoami`: who the credential shows.
struct WhoAmICommand: ManagementCommand {
  static let configuration = CommandConfiguration(
    commandName: "whoami", abstract: "Say who the server takes you for, and what your credential allows.")

  @OptionGroup var output: OutputOptions
  @OptionGroup var connection: ConnectionOptions

  func run(_ client: ManagementClient) async throws {
    let bytes = try await client.send(.identity)
    if output.json {
      print(try JSONOutput.pretty(bytes))
      return
    }
    let identity: API.Identity = try client.read(bytes)
    print(identity.summary)
    if let credential = identity.credential { print("credential: \(PlainText.line(credential))") }
    if let scopes = identity.scopes { print("scopes: \(PlainText.line(scopes.joined(separator: ", ")))") }
    if let patterns = identity.repositories, !patterns.isEmpty {
      print("repositories: \(PlainText.line(patterns.joined(separator: ", ")))")
    }
  }
}

extension ManagementRequest {
  /// Who the credential shows.
  static let identity = get("whoami")
}

extension API.Identity {
  /// Whether the server did not ask for a credential, or took none.
  var isAnybody: Bool { kind == "everyone" || kind == "anonymous" }

  /// The name and what it is, on one line.
  var summary: String { PlainText.line("\(name) (\(kind)\(administrator ? ", administrator" : ""))") }
}
