import ArgumentParser
import Foundation
import OCI
import TagPlans

/// What describes the build that a command runs in.
struct BuildEnvironment {
  /// Who describes it.
  enum Kind: String, CaseIterable, ExpressibleByArgument {
    /// GitHub Actions or GitLab CI where one of them runs the command, or else Git.
    case auto
    case github, gitlab, git
  }

  private let variables: [String: String]
  /// The folder that is looked at where Git is asked.
  private let folder: String

  /// Takes the variables and the folder of the command.
  init(_ variables: [String: String], folder: String = FileManager.default.currentDirectoryPath) {
    self.variables = variables
    self.folder = folder
  }

  /// The build as whoever is meant describes it.
  func context(_ kind: Kind) async throws -> BuildContext {
    switch kind {
    case .auto:
      if variables["GITHUB_ACTIONS"] == "true" { return try await context(.github) }
      if variables["GITLAB_CI"] == "true" { return try await context(.gitlab) }
      return try await context(.git)
    case .github: return try await gitHub()
    case .gitlab:
      guard variables["CI_COMMIT_SHA"] != nil else {
        throw CommandFailure("CI_COMMIT_SHA is not set, so that this is no job of GitLab's; --context git asks Git")
      }
      return BuildContext(gitLab: variables)
    case .git: return try await GitRepository(folder).context()
    }
  }

  private func gitHub() async throws -> BuildContext {
    guard variables["GITHUB_SHA"] != nil else {
      throw CommandFailure("GITHUB_SHA is not set, so that this is no job of GitHub's; --context git asks Git")
    }
    var build = BuildContext(gitHub: variables, payload: try payload())
    if build.commitDate == nil {
      // The events of schedules and pull requests do not say it, and not every job checks the repository out.
      build.commitDate = try await GitRepository(folder).date(of: build.commit)
    }
    return build
  }

  private func payload() throws -> JSONValue? {
    guard let path = variables["GITHUB_EVENT_PATH"], !path.isEmpty else { return nil }
    do {
      return try JSONValue(parsing: Array(try Data(contentsOf: URL(filePath: path))))
    } catch let error as InvalidJSON {
      throw CommandFailure("\(path), which GITHUB_EVENT_PATH names, is not JSON: \(error)")
    } catch {
      throw CommandFailure(
        "\(path), which GITHUB_EVENT_PATH names, cannot be read: \(error.localizedDescription)")
    }
  }
}
