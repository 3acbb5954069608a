import ArgumentParser
import Catalog
import OCI

/// `berth visibility`: who may pull from a repository without a role in its owner.
struct VisibilityCommand: ManagementCommand {
  static let configuration = CommandConfiguration(
    commandName: "visibility", abstract: "Show or change who may pull from a repository.",
    discussion: """
      public: anyone. internal: any account. private: those who have a role. inherit: as its owner's default says.
      """)

  /// What a repository can be told.
  enum Choice: String, CaseIterable, ExpressibleByArgument {
    case `public`, `internal`, `private`, inherit

    /// What it stands for; nil for the owner's default.
    var visibility: Visibility? {
      switch self {
      case .public: .public
      case .internal: .internal
      case .private: .private
      case .inherit: nil
      }
    }
  }

  @Argument(help: "The repository, such as team/api.", transform: { try RepositoryName(parsing: $0) })
  var repository: RepositoryName

  @Argument(help: ArgumentHelp("What is to hold; without it, what holds is shown.", valueName: "visibility"))
  var choice: Choice?

  @OptionGroup var connection: ConnectionOptions

  func run(_ client: ManagementClient) async throws {
    let path = "repositories/\(repository.value)"
    let request: ManagementRequest =
      if let choice {
        .patch(path, API.RepositoryChange(visibility: choice.visibility?.rawValue))
      } else {
        .get(path)
      }
    let answer: API.Repository = try await client.send(request)
    print(answer.visibilityText)
  }
}

extension API.Repository {
  /// The visibility, and whether that is the owner's default.
  var visibilityText: String { PlainText.line(inherited ? "\(visibility) (its owner's default)" : visibility) }
}
