public import OCI

/// What a webhook may ask to be told of.
public enum WebhookTopic: String, CaseIterable, Sendable {
  /// A manifest was pushed.
  case push
  /// A tag was set, or named something else from then on.
  case tag
  /// A tag or a manifest was deleted.
  case delete
  /// Manifests were downloaded.
  case pull
  /// A retention run was applied or undone.
  case retention
  /// Tags were promoted.
  case promotion
  /// Something was refused for a quota.
  case quota
}

extension AuditEvent {
  /// What webhooks are told by it; nil where that is nothing.
  var topic: WebhookTopic? {
    // What is refused for a quota is the one denial that webhooks are told of.
    guard outcome == .done || action == .quotaExceeded else { return nil }
    return switch action {
    case .manifestPush: .push
    case .tagMove: .tag
    case .tagDelete, .manifestDelete: .delete
    case .pull: .pull
    case .retentionApply, .retentionUndo: .retention
    case .promote: .promotion
    case .quotaExceeded: .quota
    default: nil
    }
  }

  /// The scopes whose webhooks are told of it.
  var webhookScopes: [RepositoryScope] {
    if let repository { return (try? RepositoryName(parsing: repository)).map(RepositoryScope.all) ?? [] }
    guard topic == .retention, let scope = try? RepositoryScope(parsing: subject) else { return [] }
    return Array(Set([scope, .registry]))
  }

  /// The manifest that it is about, if it is one.
  public var manifest: Digest? {
    let text =
      switch action {
      case .manifestPush, .manifestDelete, .pull: subject
      case .tagMove: detail["to"]
      case .tagDelete, .promote: detail["digest"]
      default: String?.none
      }
    return text.flatMap { try? Digest(parsing: $0) }
  }
}
