import ArgumentParser
import Catalog
import Foundation
import OCI

/// `berth token create`
struct TokenCreateCommand: ManagementCommand {
  static let configuration = CommandConfiguration(
    commandName: "create", abstract: "Make a token.",
    discussion: """
      The token is the only thing on standard output, and is not shown again:

        echo "$(berth token create --scope read:packages)" | docker login HOST -u USER --password-stdin
      """)

  @Option(
    name: .customLong("scope"),
    help: ArgumentHelp(
      "What it may be used for, with commas between or the option repeated: "
        + "\(TokenScope.allValueStrings.joined(separator: ", ")).",
      valueName: "scope,…"),
    transform: { try TokenScopes(parsing: $0) })
  var scopes: [TokenScopes]

  @Option(
    help: ArgumentHelp(
      "How long it can be used, such as 90d, 24h or 30m, or until when (2027-01-31T12:00:00Z); for ever if not given.",
      valueName: "duration|moment"),
    transform: { try Timestamp(after: .now, $0) })
  var expires: Timestamp?

  @Option(
    name: .customLong("repository"),
    help: ArgumentHelp(
      "Repositories that it may be used for, such as 'team/*' or 'team/**', repeated for more; all if not given.",
      valueName: "pattern"))
  var repositories: [String] = []

  @Option(help: "What to call it; the name of this machine if not given.")
  var name: String?

  @Option(
    help: "A user, or an organization for a robot; yourself if not given.", transform: { try AccountName(parsing: $0) })
  var owner: AccountName?

  @OptionGroup var output: OutputOptions
  @OptionGroup var connection: ConnectionOptions

  /// The name of this machine.
  private static var standardName: String {
    let host = ProcessInfo.processInfo.hostName
    return host.isEmpty ? "cli" : host
  }

  func run(_ client: ManagementClient) async throws {
    let scopes = Set(scopes.flatMap(\.scopes))
    let new = API.NewToken(
      name: name ?? Self.standardName, scopes: TokenScope.allCases.filter(scopes.contains).map(\.rawValue),
      owner: owner?.value,
      repositories: repositories.isEmpty ? nil : repositories, expiresAt: expires?.rfc3339)
    let bytes = try await client.send(.post("tokens", new))
    if output.json {
      print(try JSONOutput.pretty(bytes))
      return
    }
    let token: API.Token = try client.read(bytes)
    StandardError.write("\(token.summary)\n")
    print(try client.read(bytes, as: API.MadeToken.self).secret)
  }
}

/// Scopes as they are written on the command line, with commas between.
struct TokenScopes: Hashable, Sendable {
  let scopes: [TokenScope]

  /// Reads `read:packages,write:packages`.
  init(parsing text: String) throws(InvalidTokenScope) {
    var scopes: [TokenScope] = []
    for word in text.split(separator: ",", omittingEmptySubsequences: false) {
      guard let scope = TokenScope(rawValue: String(word)) else { throw InvalidTokenScope() }
      scopes.append(scope)
    }
    self.scopes = scopes
  }
}

/// Text that is no scope.
struct InvalidTokenScope: Error, Hashable, CustomStringConvertible {
  /// What would be right.
  var description: String { "the scopes are \(TokenScope.allValueStrings.joined(separator: ", "))" }
}

extension API.Token {
  /// What it is, on one line.
  var summary: String {
    let places = repositories.isEmpty ? "" : " in \(repositories.joined(separator: ", "))"
    let end = expiresAt.map { "expires at \($0)" } ?? "does not expire"
    return PlainText.line("token \(id) (\(name)) of \(owner): \(scopes.joined(separator: ", "))\(places); it \(end)")
  }
}
