import ArgumentParser

/// What a command is about: an owner, a repository, or all.
struct RepositoryScopeOptions: ParsableArguments {
  @Argument(help: ArgumentHelp("team for all of an owner's repositories, or team/api for one.", valueName: "scope"))
  var written: String?

  @Flag(help: "All repositories of the registry, in place of a scope.")
  var allRepositories = false

  /// The scope as the API has it; nil where none was written.
  var scope: String? { allRepositories ? "*" : written }

  func validate() throws {
    guard written == nil || !allRepositories else {
      throw ValidationError("write a scope or --all-repositories, and not both")
    }
  }

  /// The scope, which has to be written.
  func required() throws -> String {
    guard let scope else { throw ValidationError("write a scope, such as team or team/api, or --all-repositories") }
    return scope
  }
}
