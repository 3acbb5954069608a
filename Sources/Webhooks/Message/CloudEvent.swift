internal import Catalog
internal import OCI

/// An event as CloudEvents 1.0 has it, in the structured mode of the HTTP binding (sections 3.1 of the specification and
/// 3.2 of the binding).
struct CloudEvent {
  private let event: AuditEvent
  private let origin: String
  private let mediaType: MediaType?

  init(_ due: DueWebhookDelivery, from origin: String) {
    event = due.delivery.event
    mediaType = due.manifest?.stored.mediaType
    self.origin = origin
  }

  var message: (headers: [String: String], body: String) {
    (["Content-Type": "application/cloudevents+json; charset=utf-8"], json)
  }

  private var json: String {
    JSONText.object([
      ("specversion", JSONText.string("1.0")), ("id", JSONText.string("\(event.id)")),
      ("source", JSONText.string(origin)), ("type", JSONText.string("org.berth.\(type)")),
      ("subject", JSONText.string(subject)), ("time", JSONText.string(event.at.preciseRFC3339)),
      ("datacontenttype", JSONText.string("application/json")), ("data", JSONText.object(data)),
    ])
  }

  private var type: String {
    switch event.action {
    case .manifestPush: "manifest.pushed"
    case .manifestDelete: "manifest.deleted"
    case .pull: "manifest.pulled"
    case .tagMove: "tag.moved"
    case .tagDelete: "tag.deleted"
    case .promote: "tag.promoted"
    case .retentionApply: "retention.applied"
    case .retentionUndo: "retention.undone"
    case .quotaExceeded: "quota.exceeded"
    default: "webhook.pinged"
    }
  }

  private var subject: String {
    guard let repository = event.repository else { return event.detail["scope"] ?? event.subject }
    return switch event.action {
    case .manifestPush, .manifestDelete, .pull: "\(repository)@\(event.subject)"
    case .tagMove, .tagDelete: "\(repository):\(event.subject)"
    default: repository
    }
  }

  private var data: [(String, String)] {
    let members: [(String, String?)] = [
      ("repository", event.repository.map(JSONText.string)),
      ("digest", event.manifest.map { JSONText.string("\($0)") }),
      ("mediaType", mediaType.map { JSONText.string($0.value) }), ("actor", JSONText.string(event.actor.name)),
    ]
    return (members + own).compactMap { name, value in value.map { (name, $0) } }
  }

  /// What the kind of event has to say beside what they have in common.
  private var own: [(String, String?)] {
    switch event.action {
    case .manifestPush: [("tags", words("tags")), ("subject", text("subject"))]
    case .manifestDelete:
      [("tags", words("tags")), ("subject", text("subject")), ("run", number("run")), ("rule", text("rule"))]
    case .pull: [("downloads", number("downloads"))]
    case .tagMove: [("tag", JSONText.string(event.subject)), ("previous", text("from")), ("reason", text("reason"))]
    case .tagDelete: [("tag", JSONText.string(event.subject)), ("run", number("run")), ("rule", text("rule"))]
    case .promote: [("tags", Self.array(event.subject)), ("source", text("source")), ("previous", previous)]
    case .retentionApply, .retentionUndo: [("scope", JSONText.string(event.subject)), ("run", number("run"))]
    case .quotaExceeded:
      [
        ("scope", JSONText.string(event.subject)), ("limit", number("limit")), ("used", number("used")),
        ("needed", number("needed")),
      ]
    default: [("webhook", event.subject), ("scope", text("scope"))]
    }
  }

  /// What promoted tags named before, where they named something.
  private var previous: String {
    let tags = event.detail["before"]?.split(separator: " ") ?? []
    return JSONText.object(
      tags.compactMap { tag in
        let parts = tag.split(separator: "=", maxSplits: 1)
        return parts.count == 2 ? (String(parts[0]), JSONText.string(String(parts[1]))) : nil
      })
  }

  private func text(_ name: String) -> String? { event.detail[name].map(JSONText.string) }

  private func number(_ name: String) -> String? { event.detail[name].flatMap { Int64($0) }.map { "\($0)" } }

  private func words(_ name: String) -> String { Self.array(event.detail[name] ?? "") }

  private static func array(_ words: String) -> String {
    JSONText.array(words.split(separator: " ").map { JSONText.string(String($0)) })
  }
}
