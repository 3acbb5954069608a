import ArgumentParser
import Catalog

/// `berth user add`
struct UserAddCommand: ManagementCommand {
  static let configuration = CommandConfiguration(
    commandName: "add", abstract: "Make a user; asks for the password on the terminal.")

  @Argument(
    help: "The user's name, which is also the first part of the names of its repositories.",
    transform: { try AccountName(parsing: $0) })
  var user: AccountName

  @OptionGroup var input: PasswordInput

  @Flag(help: "Make a user who logs in by tokens only.")
  var noPassword = false

  @Flag(help: "Let the user do everything on this registry.")
  var admin = false

  @OptionGroup var connection: ConnectionOptions

  func validate() throws {
    if noPassword && input.passwordStdin {
      throw ValidationError("--no-password and --password-stdin exclude each other: write one")
    }
  }

  func run(_ client: ManagementClient) async throws {
    let password = noPassword ? nil : try await input.newPassword(of: user.value)
    let new = API.NewUser(name: user.value, password: password, administrator: admin ? true : nil)
    try await client.send(.post("users", new))
    print("made the user \(user)")
  }
}

/// `berth user password`
struct UserPasswordCommand: ManagementCommand {
  static let configuration = CommandConfiguration(
    commandName: "password", abstract: "Change a user's password; asks for the new one on the terminal.",
    discussion: "Logins that clients keep from the old password end. Tokens stay.")

  @Argument(help: "The user.", transform: { try AccountName(parsing: $0) })
  var user: AccountName

  @OptionGroup var input: PasswordInput
  @OptionGroup var connection: ConnectionOptions

  func run(_ client: ManagementClient) async throws {
    let change = API.UserChange(password: try await input.newPassword(of: user.value))
    try await client.send(.patch("users/\(user)", change))
    print("changed the password of \(user)")
  }
}
