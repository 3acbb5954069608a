public import OCI

/// That a webhook is to be told of an event, or was.
public struct WebhookDelivery: Hashable, Sendable {
  /// What has become of it.
  public enum State: String, CaseIterable, Sendable {
    /// It is to be sent, or sent again.
    case waiting
    /// The target took it.
    case delivered
    /// The target did not take it within a day.
    case failed
  }

  /// The row, higher for later ones.
  public let id: Int64
  /// The webhook's row.
  public let webhook: Int64
  /// What it tells: the event of the audit trail, without the credential and the address.
  public let event: AuditEvent
  /// What has become of it.
  public let state: State
  /// Since when it waits, or did.
  public let queuedAt: Timestamp
  /// When it is tried, where it waits: what waits before it of the same repository comes first.
  public let nextAttemptAt: Timestamp?
  /// How often it was tried.
  public let attempts: Int
  /// How the last attempt went.
  public let lastAttempt: WebhookAttempt?

  /// Makes one of its parts.
  public init(
    id: Int64, webhook: Int64, event: AuditEvent, state: State, queuedAt: Timestamp, nextAttemptAt: Timestamp?,
    attempts: Int, lastAttempt: WebhookAttempt?
  ) {
    self.id = id
    self.webhook = webhook
    self.event = event
    self.state = state
    self.queuedAt = queuedAt
    self.nextAttemptAt = nextAttemptAt
    self.attempts = attempts
    self.lastAttempt = lastAttempt
  }
}

/// How an attempt to deliver went.
public struct WebhookAttempt: Hashable, Sendable {
  /// When it began.
  public let at: Timestamp
  /// How long it took, in milliseconds.
  public let milliseconds: Int64
  /// The status of the answer; nil where none came.
  public let status: Int?
  /// How the answer began.
  public let answer: String?
  /// Why it did not succeed; nil where it did.
  public let error: String?

  /// Takes each part.
  public init(at: Timestamp, milliseconds: Int64, status: Int? = nil, answer: String? = nil, error: String? = nil) {
    self.at = at
    self.milliseconds = milliseconds
    self.status = status
    self.answer = answer
    self.error = error
  }
}

/// What follows from an attempt.
public enum WebhookOutcome: Hashable, Sendable {
  /// The target took it.
  case delivered
  /// It is tried again, and nothing else of its repository before.
  case retried(at: Timestamp)
  /// It is given up, and with it what has waited behind it since this moment or longer.
  case givenUp(queuedBy: Timestamp)
}

/// A delivery that is to be made, with all that it takes.
public struct DueWebhookDelivery: Hashable, Sendable {
  /// What is to be told, and to whom.
  public let delivery: WebhookDelivery
  /// Where, and in which shape.
  public let settings: WebhookSettings
  /// What signs it.
  public let secret: WebhookSecret
  /// The account's row of who did it, where it was an account.
  public let sender: Int64?
  /// The repository that it is about, if any.
  public let repository: NumberedRepository?
  /// The manifest that it is about, while there is one.
  public let manifest: NumberedManifest?

  /// Makes one of its parts.
  public init(
    delivery: WebhookDelivery, settings: WebhookSettings, secret: WebhookSecret, sender: Int64? = nil,
    repository: NumberedRepository? = nil, manifest: NumberedManifest? = nil
  ) {
    self.delivery = delivery
    self.settings = settings
    self.secret = secret
    self.sender = sender
    self.repository = repository
    self.manifest = manifest
  }
}

/// A repository with the numbers of its row and its owner's.
public struct NumberedRepository: Hashable, Sendable {
  /// The row.
  public let id: Int64
  /// When it was made.
  public let createdAt: Timestamp
  /// The owner's row, where there is such an account.
  public let owner: Int64?
  /// What kind of account that is.
  public let ownerKind: Account.Kind?

  /// Makes one of its parts.
  public init(id: Int64, createdAt: Timestamp, owner: Int64?, ownerKind: Account.Kind?) {
    self.id = id
    self.createdAt = createdAt
    self.owner = owner
    self.ownerKind = ownerKind
  }
}

/// A manifest with the number of its row, which it keeps for as long as it is there.
public struct NumberedManifest: Hashable, Sendable {
  /// The row.
  public let id: Int64
  /// When it was pushed.
  public let pushedAt: Timestamp
  /// The manifest.
  public let stored: StoredManifest

  /// Makes one of its parts.
  public init(id: Int64, pushedAt: Timestamp, stored: StoredManifest) {
    self.id = id
    self.pushedAt = pushedAt
    self.stored = stored
  }
}

/// How much webhooks have yet to be told.
public struct WebhookBacklog: Hashable, Sendable {
  /// How many deliveries wait.
  public let waiting: Int
  /// Since when the oldest of them does; nil where none waits.
  public let oldest: Timestamp?

  /// Takes both.
  public init(waiting: Int, oldest: Timestamp?) {
    self.waiting = waiting
    self.oldest = oldest
  }
}
