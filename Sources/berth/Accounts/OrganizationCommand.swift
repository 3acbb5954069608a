import ArgumentParser
import Catalog

/// `berth org`: teams, which own repositories and have members.
struct OrganizationCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "org", abstract: "Manage organizations and their members.",
    subcommands: [
      OrganizationAddCommand.self, OrganizationListCommand.self, OrganizationRemoveCommand.self,
      OrganizationSetCommand.self, MemberCommand.self,
    ])
}

/// `berth org add`
struct OrganizationAddCommand: ManagementCommand {
  static let configuration = CommandConfiguration(commandName: "add", abstract: "Make an organization.")

  @Argument(
    help: "The organization's name, which is also the first part of the names of its repositories.",
    transform: { try AccountName(parsing: $0) })
  var organization: AccountName

  @OptionGroup var connection: ConnectionOptions

  func run(_ client: ManagementClient) async throws {
    let new = API.NewOrganization(name: organization.value)
    try await client.send(.post("organizations", new))
    print("made the organization \(organization)")
  }
}

/// `berth org list`
struct OrganizationListCommand: ManagementCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List organizations: all for administrators, your own for others.")

  @OptionGroup var output: OutputOptions
  @OptionGroup var connection: ConnectionOptions

  func run(_ client: ManagementClient) async throws {
    let organizations = try await client.list(
      "organizations", query: ManagementClient.largePages, of: API.Account.self)
    guard !output.json else { return print(try organizations.json) }
    var table = Table("ORGANIZATION", "DISABLED", "DEFAULT VISIBILITY", "CREATED")
    for organization in organizations.elements {
      table.add(
        organization.name, organization.disabled ? "yes" : "no", organization.defaultVisibility,
        organization.createdAt)
    }
    print(table.text)
  }
}

/// `berth org remove`
struct OrganizationRemoveCommand: ManagementCommand {
  static let configuration = CommandConfiguration(
    commandName: "remove", abstract: "Remove an organization with its robots' tokens.",
    discussion: "An organization that owns repositories with manifests stays.")

  @Argument(help: "The organization.", transform: { try AccountName(parsing: $0) })
  var organization: AccountName

  @OptionGroup var connection: ConnectionOptions

  func run(_ client: ManagementClient) async throws {
    try await client.send(.delete("organizations/\(organization)"))
    print("removed \(organization)")
  }
}

/// `berth org set`
struct OrganizationSetCommand: ManagementCommand {
  static let configuration = CommandConfiguration(
    commandName: "set", abstract: "Change an organization; what is not given stays.")

  @Argument(help: "The organization.", transform: { try AccountName(parsing: $0) })
  var organization: AccountName

  @Option(
    help: ArgumentHelp(
      "Who may pull from its repositories that say nothing of their own.", valueName: "visibility"))
  var defaultVisibility: Visibility?

  @Option(help: ArgumentHelp("Whether none of its robots may log in.", valueName: "true|false"))
  var disabled: Bool?

  @OptionGroup var connection: ConnectionOptions

  func validate() throws {
    guard defaultVisibility != nil || disabled != nil else {
      throw ValidationError("there is nothing to change: give --default-visibility or --disabled")
    }
  }

  func run(_ client: ManagementClient) async throws {
    let change = API.OrganizationChange(disabled: disabled, defaultVisibility: defaultVisibility?.rawValue)
    try await client.send(.patch("organizations/\(organization)", change))
    print("changed \(organization)")
  }
}
