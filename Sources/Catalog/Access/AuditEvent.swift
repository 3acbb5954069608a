public import OCI

/// What was changed, or was tried and denied: who, from where, by which credential, when, what.
public struct AuditEvent: Hashable, Sendable {
  /// What was done or tried.
  public enum Action: String, CaseIterable, Sendable {
    case manifestPush = "manifest.push"
    case manifestDelete = "manifest.delete"
    case tagMove = "tag.move"
    case tagDelete = "tag.delete"
    case blobDelete = "blob.delete"
    case manifestRestore = "manifest.restore"
    case promote = "promote"
    case trashEmpty = "trash.empty"
    case trashWindow = "trash.window"
    case retentionPolicy = "retention.policy"
    case retentionPlan = "retention.plan"
    case retentionApply = "retention.apply"
    case retentionUndo = "retention.undo"
    case repositoryCreate = "repository.create"
    case repositoryVisibility = "repository.visibility"
    case accountCreate = "account.create"
    case accountChange = "account.change"
    case accountDelete = "account.delete"
    case memberSet = "member.set"
    case memberRemove = "member.remove"
    case tokenCreate = "token.create"
    case tokenRevoke = "token.revoke"
    case ruleAdd = "rule.add"
    case ruleRemove = "rule.remove"
    case holdAdd = "hold.add"
    case holdRemove = "hold.remove"
    case quotaSet = "quota.set"
    case quotaRemove = "quota.remove"
    /// Something was refused for a quota: the first time since there is as much.
    case quotaExceeded = "quota.exceeded"
    case keyRotate = "key.rotate"
    case serverStart = "server.start"
    case replicationRun = "replication.run"
    case replicationCopy = "replication.copy"
    case replicationDelete = "replication.delete"
    case webhookAdd = "webhook.add"
    case webhookChange = "webhook.change"
    case webhookRemove = "webhook.remove"
    case webhookPing = "webhook.ping"
    case webhookRedeliver = "webhook.redeliver"
    /// A credential was shown that does not hold.
    case login = "login"
    case pull = "pull"
    case push = "push"
    case delete = "delete"
    case manage = "manage"
  }

  /// Whether it happened.
  public enum Outcome: String, CaseIterable, Sendable {
    case done
    case denied
  }

  /// The row, in the order in which events were recorded; 0 before it was.
  public let id: Int64
  /// When.
  public let at: Timestamp
  /// Who.
  public let actor: Author
  /// What was done or tried.
  public let action: Action
  /// Whether it happened.
  public let outcome: Outcome
  /// The repository it is about, if any.
  public let repository: String?
  /// What it is about, such as a tag, an account or a token's number.
  public let subject: String
  /// What more there is to say, such as the digest that a tag had before. No secret is ever in it.
  public let detail: [String: String]

  /// Makes one of its parts.
  public init(
    id: Int64 = 0, at: Timestamp = .now, actor: Author, action: Action, outcome: Outcome, repository: String? = nil,
    subject: String, detail: [String: String] = [:]
  ) {
    self.id = id
    self.at = at
    self.actor = actor
    self.action = action
    self.outcome = outcome
    self.repository = repository
    self.subject = subject
    self.detail = detail
  }
}

/// Which events of the audit trail are asked for; newest first, what is nil does not matter.
public struct AuditQuery: Hashable, Sendable {
  /// A repository's name.
  public var repository: String?
  /// Who.
  public var actor: String?
  /// Whether it happened.
  public var outcome: AuditEvent.Outcome?
  /// No event before this moment.
  public var since: Timestamp?
  /// No event at or after this moment.
  public var until: Timestamp?
  /// Only events that come after the one with this `id`, for the next page.
  public var before: Int64?
  /// How many there may be.
  public var limit: Int

  /// Asks for all, up to a number.
  public init(limit: Int) {
    self.limit = limit
  }
}
