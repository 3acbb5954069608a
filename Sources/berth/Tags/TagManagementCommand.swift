import ArgumentParser
import Foundation
import OCI

/// A command about a tag or a manifest of a running server, whose name may say which server.
protocol TagManagementCommand: AsyncParsableCommand {
  /// The name as it was written.
  var image: String { get }
  /// Which server, and who calls.
  var connection: ConnectionOptions { get }

  /// Does the command's work.
  func run(_ client: ManagementClient, _ name: TagName) async throws
}

extension TagManagementCommand {
  func run() async throws {
    let environment = ProcessInfo.processInfo.environment
    let name = try connection.name(image, environment: environment)
    let connection = try await connection.naming(name.registry).connection(environment: environment)
    try await ManagementClient.with(connection) { try await run($0, name) }
  }
}

extension ConnectionOptions {
  /// Reads the name of a tag or a manifest, which stands for the server's own where one is named by the options.
  func name(_ text: String, environment: [String: String]) throws -> TagName {
    let isNamed = server != nil || environment.text("BERTH_SERVER") != nil
    let server = isNamed ? try ServerAddress(argument: server, environment: environment).registry : nil
    do {
      return try TagName(text, server: server)
    } catch {
      throw ValidationError("\(error)")
    }
  }

  /// The same options for a server that was named beside them.
  func naming(_ registry: RegistryHost?) -> ConnectionOptions {
    guard let registry else { return self }
    var options = self
    options.server = registry.description
    return options
  }
}

extension ArgumentHelp {
  /// Of a tag.
  static let tagName = ArgumentHelp(
    "The tag, such as team/api:v1 or registry.example.org/team/api:v1; latest where none is written.",
    valueName: "tag")
  /// Of what a tag is expected to name.
  static let expectedDigest = ArgumentHelp(
    "Do it only where the tag names this digest now, or, with none, where it is not there.", valueName: "digest|none")
}

/// What a tag is expected to name before it is moved.
enum Expectation: ExpressibleByArgument {
  case nothing
  case digest(Digest)

  init?(argument: String) {
    if argument == "none" {
      self = .nothing
    } else {
      guard let digest = try? Digest(parsing: argument) else { return nil }
      self = .digest(digest)
    }
  }

  /// As the API has it.
  var text: String {
    switch self {
    case .nothing: "none"
    case .digest(let digest): digest.description
    }
  }
}
