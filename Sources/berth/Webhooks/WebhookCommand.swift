import ArgumentParser
import Catalog

/// `berth webhook`: who is told over HTTP what happens.
struct WebhookCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "webhook", abstract: "Have others told what is pushed, moved, deleted and promoted.",
    subcommands: [
      WebhookAddCommand.self, WebhookListCommand.self, WebhookShowCommand.self, WebhookSetCommand.self,
      WebhookRemoveCommand.self, WebhookPingCommand.self, WebhookDeliveriesCommand.self, WebhookRedeliverCommand.self,
    ])
}

/// What a webhook is told of, and how.
struct WebhookTellingOptions: ParsableArguments {
  @Option(help: "How it is told: cloudevents, or as GitHub does by package or registry_package.")
  var format: WebhookFormat?

  @Option(
    name: .customLong("event"),
    help: ArgumentHelp(
      "What it is told of: \(WebhookTopic.allCases.map(\.rawValue).joined(separator: ", ")). Can be given again.",
      valueName: "event"))
  var events: [WebhookTopic] = []

  /// What was asked for; nil where nothing was.
  var chosen: [String]? { events.isEmpty ? nil : events.map(\.rawValue) }
}

/// The argument of commands about one webhook.
struct WebhookArgument: ParsableArguments {
  @Argument(help: "The webhook's number, which `berth webhook list` shows.")
  var id: Int64
}

/// `berth webhook add`
struct WebhookAddCommand: ManagementCommand {
  static let configuration = CommandConfiguration(
    commandName: "add", abstract: "Make a webhook, which is told of what happens from then on.",
    discussion: """
      It is told of everything but pulls where no --event says otherwise. Each request is signed with the secret. Where \
      none is given, one is made: it is the only thing on standard output, and is not shown again.
      """)

  @Argument(
    help: ArgumentHelp(
      "team for all of an owner's repositories, team/api for one, and the URL; with --all-repositories the URL alone.",
      valueName: "scope> <url"))
  var words: [String]

  @Flag(help: "All repositories of the registry, in place of a scope.")
  var allRepositories = false

  @OptionGroup var telling: WebhookTellingOptions

  @Flag(help: "Read the secret from standard input, one line.")
  var secretStdin = false

  @OptionGroup var connection: ConnectionOptions

  func validate() throws {
    guard words.count == (allRepositories ? 1 : 2) else {
      throw ValidationError("write a scope and a URL, such as team https://…, or --all-repositories and a URL")
    }
    do {
      _ = try WebhookURL(parsing: words[words.count - 1])
    } catch {
      throw ValidationError(error.description)
    }
  }

  func run(_ client: ManagementClient) async throws {
    let given = secretStdin ? try await NewWebhookSecret.fromInput() : nil
    let secret = given ?? NewWebhookSecret.random()
    let new = API.NewWebhook(
      scope: allRepositories ? "*" : words[0], url: words[words.count - 1], secret: secret,
      format: telling.format?.rawValue, events: telling.chosen)
    let webhook: API.Webhook = try await client.send(.post("webhooks", new))
    let summary = PlainText.line("made the webhook \(webhook.id) of \(webhook.scope)")
    guard given == nil else { return print(summary) }
    StandardError.write("\(summary); its secret is\n")
    print(secret)
  }
}

/// `berth webhook list`
struct WebhookListCommand: ManagementCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the webhooks of a scope, or all that you may administer.")

  @OptionGroup var scope: RepositoryScopeOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var connection: ConnectionOptions

  func run(_ client: ManagementClient) async throws {
    let query = ManagementClient.largePages + [("scope", scope.scope)]
    let webhooks = try await client.list("webhooks", query: query, of: API.Webhook.self)
    guard !output.json else { return print(try webhooks.json) }
    var table = Table("ID", "SCOPE", "FORMAT", "EVENTS", "STATE", "URL")
    for webhook in webhooks.elements {
      table.add(
        "\(webhook.id)", webhook.scope, webhook.format, webhook.events.joined(separator: " "),
        webhook.disabled ? "disabled" : "enabled", webhook.url)
    }
    print(table.text)
  }
}

/// `berth webhook show`
struct WebhookShowCommand: ManagementCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show a webhook; its secret is never shown.")

  @OptionGroup var webhook: WebhookArgument
  @OptionGroup var output: OutputOptions
  @OptionGroup var connection: ConnectionOptions

  func run(_ client: ManagementClient) async throws {
    let bytes = try await client.send(.get("webhooks/\(webhook.id)"))
    guard !output.json else { return print(try JSONOutput.pretty(bytes)) }
    let found: API.Webhook = try client.read(bytes)
    print(
      FactLines.text([
        ("id", "\(found.id)"), ("scope", found.scope), ("url", found.url), ("format", found.format),
        ("events", found.events.joined(separator: " ")), ("state", found.disabled ? "disabled" : "enabled"),
        ("made", "\(found.madeAt) by \(found.madeBy)"),
      ]))
  }
}

/// `berth webhook set`
struct WebhookSetCommand: ManagementCommand {
  static let configuration = CommandConfiguration(
    commandName: "set", abstract: "Change a webhook; what is not written stays.",
    discussion: """
      A disabled webhook keeps what it had yet to be told, and is not told of what happens meanwhile. --new-secret makes \
      one, which is the only thing on standard output.
      """)

  @OptionGroup var webhook: WebhookArgument

  @Option(help: "Where requests go.")
  var url: String?

  @OptionGroup var telling: WebhookTellingOptions

  @Flag(help: "Let it rest.")
  var disable = false

  @Flag(help: "Have it told again.")
  var enable = false

  @Flag(help: "Read a new secret from standard input, one line.")
  var secretStdin = false

  @Flag(help: "Make a new secret.")
  var newSecret = false

  @OptionGroup var connection: ConnectionOptions

  func validate() throws {
    if enable && disable { throw ValidationError("--enable and --disable exclude each other: write one") }
    if newSecret && secretStdin {
      throw ValidationError("--new-secret and --secret-stdin exclude each other: write one")
    }
    let isChange =
      url != nil || telling.format != nil || !telling.events.isEmpty || enable || disable || newSecret || secretStdin
    guard isChange else { throw ValidationError("write what is to change, such as --url, --event or --disable") }
  }

  func run(_ client: ManagementClient) async throws {
    let made = newSecret ? NewWebhookSecret.random() : nil
    let change = API.WebhookChange(
      url: url, secret: secretStdin ? try await NewWebhookSecret.fromInput() : made, format: telling.format?.rawValue,
      events: telling.chosen, disabled: disable ? true : enable ? false : nil)
    try await client.send(.patch("webhooks/\(webhook.id)", change))
    guard let made else { return print("changed the webhook \(webhook.id)") }
    StandardError.write("changed the webhook \(webhook.id); its secret is\n")
    print(made)
  }
}

/// `berth webhook remove`
struct WebhookRemoveCommand: ManagementCommand {
  static let configuration = CommandConfiguration(
    commandName: "remove", abstract: "Remove a webhook, with what it had yet to be told.")

  @OptionGroup var webhook: WebhookArgument
  @OptionGroup var connection: ConnectionOptions

  func run(_ client: ManagementClient) async throws {
    try await client.send(.delete("webhooks/\(webhook.id)"))
    print("removed the webhook \(webhook.id)")
  }
}
