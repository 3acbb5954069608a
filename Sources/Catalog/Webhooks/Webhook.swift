public import OCI

/// How a webhook is told what happened.
public enum WebhookFormat: String, CaseIterable, Sendable {
  /// CloudEvents 1.0 in the structured mode of JSON.
  case cloudevents
  /// GitHub's event `package`.
  case package
  /// GitHub's event `registry_package`.
  case registryPackage = "registry_package"

  /// What can be told in it.
  public var topics: Set<WebhookTopic> {
    switch self {
    case .cloudevents: Set(WebhookTopic.allCases)
    case .package, .registryPackage: [.push, .tag]
    }
  }

  /// Which of the topics an event is told under, if it is told.
  ///
  /// GitHub tells once of a push to a tag. Here that is a push and the move of a tag, of which its shape takes the one
  /// that names the tag.
  func topic(of event: AuditEvent) -> WebhookTopic? {
    switch (self, event.action) {
    case (.cloudevents, _): event.topic
    case (_, .manifestPush): event.detail["tags"] == nil ? event.topic : nil
    case (_, .tagMove): event.detail["reason"] == nil ? .push : .tag
    default: nil
    }
  }
}

/// What can be said of a webhook, but for its secret.
public struct WebhookSettings: Hashable, Sendable {
  /// Where requests go.
  public let url: WebhookURL
  /// How they say what happened.
  public let format: WebhookFormat
  /// What they are about.
  public let topics: Set<WebhookTopic>
  /// Whether it rests: nothing is sent, and what happens meanwhile is not for it.
  public let isDisabled: Bool

  /// Takes all of it.
  ///
  /// - Parameter topics: nil stands for all that the format can tell, but for pulls.
  public init(
    url: WebhookURL, format: WebhookFormat = .cloudevents, topics: Set<WebhookTopic>? = nil, isDisabled: Bool = false
  ) throws(InvalidWebhookTopics) {
    let topics = topics ?? format.topics.subtracting([.pull])
    guard !topics.isEmpty, topics.isSubset(of: format.topics) else { throw InvalidWebhookTopics(format: format) }
    self.url = url
    self.format = format
    self.topics = topics
    self.isDisabled = isDisabled
  }
}

/// Topics that a webhook cannot have.
public struct InvalidWebhookTopics: Error, Hashable, Sendable, CustomStringConvertible {
  let format: WebhookFormat

  /// What would be right.
  public var description: String {
    let words = WebhookTopic.allCases.filter(format.topics.contains).map(\.rawValue).joined(separator: ", ")
    return "the format \(format.rawValue) tells of \(words): name at least one of them, and no other"
  }
}

/// Who is told what happens, over HTTP.
public struct Webhook: Hashable, Sendable {
  /// The row.
  public let id: Int64
  /// Whose events it is told.
  public let scope: RepositoryScope
  /// Where, how and what of.
  public let settings: WebhookSettings
  /// Since when there is such a webhook.
  public let madeAt: Timestamp
  /// Who made it.
  public let madeBy: String

  /// Makes one of its parts.
  public init(id: Int64, scope: RepositoryScope, settings: WebhookSettings, madeAt: Timestamp, madeBy: String) {
    self.id = id
    self.scope = scope
    self.settings = settings
    self.madeAt = madeAt
    self.madeBy = madeBy
  }

  /// Whether it wants to be told of an event that is in its scope.
  func wants(_ event: AuditEvent) -> Bool {
    settings.format.topic(of: event).map(settings.topics.contains) ?? false
  }
}
