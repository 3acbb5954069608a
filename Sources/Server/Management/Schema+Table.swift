import Access
import Catalog

extension Schema {
  private static let visibility = Kind.words(Visibility.allCases.map(\.rawValue))
  private static let role = Kind.words(Role.allCases.map(\.rawValue))
  private static let scopes = Kind.array(.words(TokenScope.allCases.map(\.rawValue)))

  static let identity = Schema(
    "Identity",
    [
      .required("name", .string, "How history and the audit trail call it."),
      .required("kind", .words(["everyone", "anonymous", "user", "robot", "workflow"]), "Who it is."),
      .required("administrator", .boolean, "Whether it may do everything on this registry."),
      .optional("credential", .string, "What showed it."),
      .optional("scopes", scopes, "What the token may be used for."),
      .optional("repositories", .array(.string), "Patterns of the repositories that the token may be used for."),
    ])

  static let account = Schema(
    "Account",
    [
      .required("name", .string, "The name, and the first part of the names of its repositories."),
      .required("kind", .words(Account.Kind.allCases.map(\.rawValue)), "Whether it is a person's or a team's."),
      .required("administrator", .boolean, "Whether it may do everything on this registry."),
      .required("disabled", .boolean, "Whether nothing of it may be used to log in."),
      .required("defaultVisibility", visibility, "Who may pull from repositories that say nothing of their own."),
      .required("createdAt", .dateTime, "When it was made."),
    ])

  static let newUser = Schema(
    "NewUser",
    [
      .required("name", .string, "Lower-case letters and digits, joined inside by '.', '_' or '-'."),
      .optional(
        "password", .string,
        "From \(Password.minimumLength) to \(Password.maximumLength) bytes; without one, the user logs in by tokens."),
      .optional("passwordHash", .string, "In place of the password, its hash as an htpasswd file has it."),
      .optional("administrator", .boolean, "Whether the user may do everything on this registry."),
    ])

  static let userChange = Schema(
    "UserChange",
    [
      .optional("password", .string, "The new password. Logins by the old one end."),
      .optional("administrator", .boolean, "Whether the user may do everything on this registry."),
      .optional("disabled", .boolean, "Whether nothing of the user may be used to log in."),
      .optional("defaultVisibility", visibility, "Who may pull from repositories that say nothing of their own."),
    ])

  static let newOrganization = Schema(
    "NewOrganization",
    [.required("name", .string, "Lower-case letters and digits, joined inside by '.', '_' or '-'.")])

  static let organizationChange = Schema(
    "OrganizationChange",
    [
      .optional("disabled", .boolean, "Whether none of its robots may log in."),
      .optional("defaultVisibility", visibility, "Who may pull from repositories that say nothing of their own."),
    ])

  static let member = Schema(
    "Member",
    [
      .required("user", .string, "The user."),
      .required("role", role, "What the user may do with the organization's repositories."),
    ])

  static let memberRole = Schema(
    "MemberRole", [.required("role", role, "read pulls, write pushes, admin deletes and manages.")])

  private static let tokenMembers: [Member] = [
    .required("id", .integer, "The number."),
    .required("owner", .string, "The user or organization."),
    .required("kind", .words(StoredToken.Kind.allCases.map(\.rawValue)), "What it stands for."),
    .required("name", .string, "What its owner calls it."),
    .required("scopes", scopes, "What it may be used for."),
    .required("repositories", .array(.string), "Patterns of the repositories that it may be used for; all if empty."),
    .required("createdAt", .dateTime, "When it was made."),
    .optional("expiresAt", .dateTime, "Until when it can be used."),
    .optional("lastUsedAt", .dateTime, "When it was last used, to the minute."),
    .optional("lastUsedFrom", .string, "From which address it was last used."),
  ]

  static let token = Schema("Token", tokenMembers)

  static let madeToken = Schema(
    "MadeToken", tokenMembers + [.required("secret", .string, "The token itself, which is not shown again.")])

  static let newToken = Schema(
    "NewToken",
    [
      .required("name", .string, "What to call it."),
      .required("scopes", scopes, "What it may be used for."),
      .optional("owner", .string, "A user, or an organization for a robot; the caller where it is left out."),
      .optional("repositories", .array(.string), "Patterns such as team/* or team/**; all where it is left out."),
      .optional("expiresAt", .dateTime, "Until when it can be used."),
    ])

  static let repository = Schema(
    "Repository",
    [
      .required("name", .string, "The name."),
      .required("visibility", visibility, "Who may pull."),
      .required("inherited", .boolean, "Whether that is the owner's default."),
    ])

  static let newRepository = Schema(
    "NewRepository",
    [
      .required("name", .string, "The name, which begins with its owner's."),
      .optional("visibility", visibility, "Who may pull; the owner's default where it is left out."),
    ])

  static let repositoryChange = Schema(
    "RepositoryChange",
    [.optional("visibility", visibility, "Who may pull; null stands for the owner's default.", nullable: true)])

  static let decision = Schema(
    "Decision",
    [
      .required("allowed", .boolean, "Whether it is allowed."),
      .required("rule", .string, "The rule that says so."),
    ])

  static let auditEvent = Schema(
    "AuditEvent",
    [
      .required("id", .integer, "The number, in the order in which events were recorded."),
      .required("at", .dateTime, "When."),
      .required("actor", .string, "Who."),
      .optional("credential", .string, "What showed that it was them."),
      .optional("address", .string, "From where."),
      .required("action", .words(AuditEvent.Action.allCases.map(\.rawValue)), "What was done or tried."),
      .required("outcome", .words(AuditEvent.Outcome.allCases.map(\.rawValue)), "Whether it happened."),
      .optional("repository", .string, "The repository that it is about."),
      .required("subject", .string, "What it is about."),
      .required("detail", .stringMap, "What more there is to say."),
    ])

  static let replicationStatus = Schema(
    "ReplicationStatus",
    [
      .required("rule", .string, "The rule."),
      .required("target", .string, "The name of its target."),
      .required("pending", .integer, "How many tags and referrers the target is not known to have."),
      .required("failing", .integer, "How many of them were tried in vain."),
      .optional("oldestQueuedAt", .dateTime, "Since when the oldest of them has waited."),
      .required("copied", .integer, "How many were brought to the target since the server started."),
      .required("copiedBytes", .integer, "The bytes of blobs that were sent for them."),
      .required("deleted", .integer, "How many were deleted at the target since the server started."),
      .required("failures", .integer, "How many attempts failed since the server started."),
      .required("reconciling", .boolean, "Whether everything is being compared, or about to be."),
      .optional("reconciledAt", .dateTime, "When everything was last compared."),
      .optional("targetFailure", .string, "Why the target is left alone for a while."),
    ])

  static let replicationJob = Schema(
    "ReplicationJob",
    [
      .required("id", .integer, "The number, in the order in which jobs were queued first."),
      .required("repository", .string, "The repository on this registry."),
      .required("reference", .string, "The tag, or the digest of what refers to another manifest."),
      .required("queuedAt", .dateTime, "Since when the target has been behind."),
      .required("attempts", .integer, "How often it was tried in vain."),
      .optional("nextAttemptAt", .dateTime, "When it is tried; without it, when it changes the next time."),
      .optional("lastError", .string, "Why it failed last."),
    ])
}
