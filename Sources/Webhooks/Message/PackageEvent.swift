internal import Catalog
internal import OCI

/// An event as GitHub's webhooks `package` and `registry_package` have it, or `ping`.
///
/// Members of GitHub's that say something about its own service, such as the addresses of stars and followers, are left
/// out; all that are there mean what they mean there.
struct PackageEvent {
  private let due: DueWebhookDelivery
  private let origin: String
  private var event: AuditEvent { due.delivery.event }

  init(_ due: DueWebhookDelivery, from origin: String) {
    self.due = due
    self.origin = origin
  }

  var message: (headers: [String: String], body: String) {
    let name = event.action == .webhookPing ? "ping" : due.settings.format.rawValue
    return (
      [
        "Content-Type": "application/json", "X-GitHub-Event": name, "X-GitHub-Hook-ID": "\(due.delivery.webhook)",
        "X-GitHub-Delivery": DeliveryID(of: due.delivery, from: origin).description,
      ], event.action == .webhookPing ? ping : published
    )
  }

  private var ping: String {
    let topics = WebhookTopic.allCases.filter(due.settings.topics.contains)
    let hook = JSONText.object([
      ("type", JSONText.string("Package")), ("id", "\(due.delivery.webhook)"),
      ("active", due.settings.isDisabled ? "false" : "true"),
      ("events", JSONText.array([JSONText.string(due.settings.format.rawValue)])),
      ("config", JSONText.object([("content_type", JSONText.string("json")), ("insecure_ssl", JSONText.string("0"))])),
    ])
    return JSONText.object([
      ("zen", JSONText.string("This webhook is told of \(topics.map(\.rawValue).joined(separator: " and ")).")),
      ("hook_id", "\(due.delivery.webhook)"), ("hook", hook), ("sender", sender),
    ])
  }

  private var published: String {
    let isPublished = event.action == .manifestPush || event.detail["reason"] == nil
    var members = [
      ("action", JSONText.string(isPublished ? "published" : "updated")), (due.settings.format.rawValue, package),
      ("repository", repository),
    ]
    if due.repository?.ownerKind == .organization { members.append(("organization", owner)) }
    return JSONText.object(members + [("sender", sender)])
  }

  // MARK: Parts

  /// The name's first part is the owner's, and what is behind it the package's.
  private var name: (owner: String, package: String) {
    let parts = (event.repository ?? "").split(separator: "/", maxSplits: 1).map(String.init)
    return (parts.first ?? "", parts.last ?? "")
  }

  private var tag: String { event.action == .tagMove ? event.subject : "" }

  private var digest: String { event.manifest?.description ?? "" }

  private var pullName: String {
    let host = origin.drop { $0 != "/" }.dropFirst(2)
    return "\(host)/\(event.repository ?? "")" + (tag.isEmpty ? "@\(digest)" : ":\(tag)")
  }

  private var manifestURL: String { "\(origin)/v2/\(event.repository ?? "")/manifests/\(digest)" }

  private var package: String {
    JSONText.object([
      ("id", "\(due.repository?.id ?? 0)"), ("name", JSONText.string(name.package)),
      ("namespace", JSONText.string(name.owner)), ("description", "null"), ("ecosystem", JSONText.string("CONTAINER")),
      ("package_type", JSONText.string("CONTAINER")),
      ("html_url", JSONText.string("\(origin)/\(event.repository ?? "")")),
      ("created_at", JSONText.string((due.repository?.createdAt ?? event.at).rfc3339)),
      ("updated_at", JSONText.string(event.at.rfc3339)), ("owner", owner), ("package_version", version),
      ("registry", registry),
    ])
  }

  private var version: String {
    JSONText.object([
      ("id", "\(due.manifest?.id ?? 0)"), ("version", JSONText.string(digest)), ("name", JSONText.string(digest)),
      ("description", JSONText.string("")), ("summary", JSONText.string("")), ("manifest", JSONText.string("")),
      ("html_url", JSONText.string(manifestURL)), ("target_commitish", JSONText.string("")),
      ("target_oid", JSONText.string("")),
      ("created_at", JSONText.string((due.manifest?.pushedAt ?? event.at).rfc3339)),
      ("updated_at", JSONText.string(event.at.rfc3339)), ("metadata", "[]"), ("container_metadata", container),
      ("package_files", "[]"), ("installation_command", JSONText.string("docker pull \(pullName)")),
      ("package_url", JSONText.string(pullName)), ("author", sender),
    ])
  }

  private var container: String {
    let tag = JSONText.object([("name", JSONText.string(tag)), ("digest", JSONText.string(digest))])
    return JSONText.object([("tag", tag), ("labels", labels), ("manifest", manifest)])
  }

  /// The annotations of the manifest: labels of the config are not read for a message.
  private var labels: String {
    let annotations = parsed?.annotations ?? [:]
    let all = annotations.sorted { $0.key < $1.key }.map { ($0.key, JSONText.string($0.value)) }
    let known = [
      ("description", "description"), ("source", "source"), ("revision", "revision"), ("image_url", "url"),
      ("licenses", "licenses"),
    ]
    return JSONText.object(
      known.map { ($0, JSONText.string(annotations["org.opencontainers.image.\($1)"] ?? "")) }
        + [("all_labels", JSONText.object(all))])
  }

  private var parsed: Manifest? {
    guard let stored = due.manifest?.stored else { return nil }
    return try? Manifest(parsing: stored.bytes, contentType: stored.mediaType)
  }

  private var manifest: String {
    guard let stored = due.manifest?.stored else { return "null" }
    var members = [
      ("digest", JSONText.string(digest)), ("media_type", JSONText.string(stored.mediaType.value)),
      ("uri", JSONText.string("repositories/\(event.repository ?? "")/manifests/\(digest)")),
      ("size", "\(stored.bytes.count)"),
    ]
    if let config = parsed?.config { members.append(("config", Self.json(config))) }
    if let layers = parsed?.layers { members.append(("layers", JSONText.array(layers.map(Self.json)))) }
    return JSONText.object(members)
  }

  private static func json(_ descriptor: Descriptor) -> String {
    JSONText.object([
      ("digest", JSONText.string(descriptor.digest.description)),
      ("media_type", JSONText.string(descriptor.mediaType.value)), ("size", "\(descriptor.size)"),
    ])
  }

  private var registry: String {
    JSONText.object([
      ("about_url", JSONText.string(origin)), ("name", JSONText.string("Berth container registry")),
      ("type", JSONText.string("CONTAINER")), ("url", JSONText.string(origin)), ("vendor", JSONText.string("Berth")),
    ])
  }

  private var repository: String {
    JSONText.object([
      ("id", "\(due.repository?.id ?? 0)"), ("name", JSONText.string(name.package)),
      ("full_name", JSONText.string(event.repository ?? "")), ("owner", owner),
      ("html_url", JSONText.string("\(origin)/\(event.repository ?? "")")),
    ])
  }

  private var owner: String {
    Self.account(
      name.owner, due.repository?.owner, due.repository?.ownerKind == .organization ? "Organization" : "User")
  }

  private var sender: String { Self.account(event.actor.name, due.sender, due.sender == nil ? "Bot" : "User") }

  private static func account(_ name: String, _ id: Int64?, _ type: String) -> String {
    JSONText.object([
      ("login", JSONText.string(name)), ("id", "\(id ?? 0)"), ("type", JSONText.string(type)), ("site_admin", "false"),
    ])
  }
}
