import Catalog
import Crypto
import OCI
import TestSupport
import Testing

@testable import Webhooks

@Suite("What webhooks are told")
struct WebhookMessageTests {
  private static let origin = "https://registry.example.org"
  private static let other = Digest.of(Array("other".utf8))

  private func message(
    _ action: AuditEvent.Action, _ subject: String, _ detail: [String: String] = [:],
    format: WebhookFormat = .cloudevents, repository: String? = "team/deep/api", manifest: [UInt8]? = nil
  ) throws -> WebhookMessage {
    let event = AuditEvent(
      id: 42, at: Timestamp(milliseconds: 1_800_000_000_123),
      actor: Author(name: "alice", credential: "password", address: "192.0.2.1"), action: action, outcome: .done,
      repository: repository, subject: subject, detail: detail)
    let now = Timestamp(milliseconds: 1_800_000_001_000)
    let stored = manifest.map { bytes in
      NumberedManifest(
        id: 7, pushedAt: now,
        stored: StoredManifest(digest: .of(bytes), mediaType: .ociManifest, bytes: bytes))
    }
    return WebhookMessage(
      DueWebhookDelivery(
        delivery: WebhookDelivery(
          id: 3, webhook: 2, event: event, state: .waiting, queuedAt: now, nextAttemptAt: now, attempts: 0,
          lastAttempt: nil),
        settings: try WebhookSettings(url: try WebhookURL(parsing: "https://hooks.example.org"), format: format),
        secret: try WebhookSecret(parsing: "It's a Secret to Everybody"), sender: 5,
        repository: NumberedRepository(id: 9, createdAt: now, owner: 4, ownerKind: .organization), manifest: stored),
      from: Self.origin)
  }

  private func members(_ message: WebhookMessage) throws -> [String: JSONValue] {
    guard case .object(let members) = try JSONValue(parsing: message.body) else { return [:] }
    return members
  }

  @Test("is signed over the very bytes of the body")
  func signature() throws {
    let message = try message(.tagMove, "v1", ["to": Self.other.description])
    let expected = HMAC<SHA256>.authenticationCode(
      for: message.body, using: SymmetricKey(data: Array("It's a Secret to Everybody".utf8)))
    let digits = expected.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
    #expect(message.headers["X-Hub-Signature-256"] == "sha256=\(digits)")
  }

  @Test("is the same whenever it is sent")
  func stable() throws {
    for format in WebhookFormat.allCases {
      let detail = ["to": Self.other.description]
      #expect(try message(.tagMove, "v1", detail, format: format) == message(.tagMove, "v1", detail, format: format))
    }
  }

  @Test("is a CloudEvent with every attribute that the specification requires")
  func cloudEvent() throws {
    let image = Sample.image(layers: [])
    let message = try message(
      .tagMove, "v1", ["from": Self.other.description, "to": Digest.of(image).description, "reason": "rollback"],
      manifest: image)
    #expect(message.headers["Content-Type"] == "application/cloudevents+json; charset=utf-8")
    #expect(
      try members(message) == [
        "specversion": .string("1.0"), "id": .string("42"), "source": .string(Self.origin),
        "type": .string("org.berth.tag.moved"), "subject": .string("team/deep/api:v1"),
        "time": .string("2027-01-15T08:00:00.123Z"), "datacontenttype": .string("application/json"),
        "data": .object([
          "repository": .string("team/deep/api"), "digest": .string(Digest.of(image).description),
          "mediaType": .string(MediaType.ociManifest.value), "actor": .string("alice"), "tag": .string("v1"),
          "previous": .string(Self.other.description), "reason": .string("rollback"),
        ]),
      ])
  }

  /// The data beside the repository, the digest and the actor.
  struct Case: Sendable, CustomTestStringConvertible {
    let action: AuditEvent.Action
    let subject: String
    var detail: [String: String] = [:]
    var repository: String? = "team/deep/api"
    let type: String
    let about: String
    let data: [String: JSONValue]

    var testDescription: String { type }
  }

  private static let cases = [
    Case(
      action: .manifestPush, subject: other.description, detail: ["tags": "a b", "mediaType": "x/y"],
      type: "manifest.pushed", about: "team/deep/api@\(other)", data: ["tags": .array([.string("a"), .string("b")])]),
    Case(
      action: .manifestDelete, subject: other.description, detail: ["run": "4", "rule": "old"],
      type: "manifest.deleted", about: "team/deep/api@\(other)",
      data: ["tags": .array([]), "run": .integer(4), "rule": .string("old")]),
    Case(
      action: .pull, subject: other.description, detail: ["downloads": "12"], type: "manifest.pulled",
      about: "team/deep/api@\(other)", data: ["downloads": .integer(12)]),
    Case(
      action: .tagDelete, subject: "v1", detail: ["digest": other.description], type: "tag.deleted",
      about: "team/deep/api:v1", data: ["tag": .string("v1")]),
    Case(
      action: .promote, subject: "1 latest",
      detail: ["digest": other.description, "source": "team/dev:main", "before": "latest=\(other)"],
      type: "tag.promoted", about: "team/deep/api",
      data: [
        "tags": .array([.string("1"), .string("latest")]), "source": .string("team/dev:main"),
        "previous": .object(["latest": .string(other.description)]),
      ]),
    Case(
      action: .retentionApply, subject: "team", detail: ["run": "4"], repository: nil, type: "retention.applied",
      about: "team", data: ["scope": .string("team"), "run": .integer(4)]),
    Case(
      action: .webhookPing, subject: "2", detail: ["scope": "team"], repository: nil, type: "webhook.pinged",
      about: "team", data: ["scope": .string("team"), "webhook": .integer(2)]),
  ]

  @Test("says of each kind of event what happened", arguments: cases)
  func kinds(_ expected: Case) throws {
    let message = try members(
      message(expected.action, expected.subject, expected.detail, repository: expected.repository))
    #expect(message["type"] == .string("org.berth.\(expected.type)"))
    #expect(message["subject"] == .string(expected.about))
    guard case .object(var data)? = message["data"] else {
      Issue.record("there is no data")
      return
    }
    #expect(data.removeValue(forKey: "actor") == .string("alice"))
    let repository = data.removeValue(forKey: "repository")
    #expect(repository == expected.repository.map { .string($0) })
    let digest = data.removeValue(forKey: "digest")
    #expect((digest != nil) == (expected.repository != nil))
    #expect(data == expected.data)
  }

  @Test("has the shape of GitHub's events", arguments: [WebhookFormat.package, .registryPackage])
  func package(_ format: WebhookFormat) throws {
    let image = Sample.image(
      layers: [Array("layer".utf8)], extra: #","annotations":{"org.opencontainers.image.source":"https://git"}"#)
    let digest = Digest.of(image)
    let message = try message(.tagMove, "v1", ["to": digest.description], format: format, manifest: image)
    #expect(message.headers["X-GitHub-Event"] == format.rawValue && message.headers["X-GitHub-Hook-ID"] == "2")
    #expect(message.headers["X-GitHub-Delivery"]?.wholeMatch(of: /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/) != nil)
    let body = JSONValue.object(try members(message))
    let text = { (path: String) -> String? in
      var value: JSONValue? = body
      for name in path.split(separator: ".") { value = value?[String(name)] }
      return if case .string(let text)? = value { text } else { nil }
    }
    let root = format.rawValue
    #expect(text("action") == "published")
    #expect(text("\(root).name") == "deep/api" && text("\(root).namespace") == "team")
    #expect(text("\(root).package_type") == "CONTAINER" && text("\(root).ecosystem") == "CONTAINER")
    #expect(body[root]?["id"] == .integer(9) && body[root]?["package_version"]?["id"] == .integer(7))
    let version = "\(root).package_version"
    #expect(text("\(version).version") == digest.description && text("\(version).name") == digest.description)
    #expect(text("\(version).package_url") == "registry.example.org/team/deep/api:v1")
    #expect(text("\(version).container_metadata.tag.name") == "v1")
    #expect(text("\(version).container_metadata.tag.digest") == digest.description)
    #expect(text("\(version).container_metadata.labels.source") == "https://git")
    #expect(text("\(version).container_metadata.manifest.media_type") == MediaType.ociManifest.value)
    let manifest = body[root]?["package_version"]?["container_metadata"]?["manifest"]
    #expect(manifest?["size"] == .integer(Int64(image.count)))
    guard case .array(let layers)? = manifest?["layers"] else {
      Issue.record("there are no layers")
      return
    }
    #expect(layers.map { $0["size"] } == [.integer(5)])
    #expect(text("repository.full_name") == "team/deep/api" && text("repository.owner.type") == "Organization")
    #expect(text("organization.login") == "team" && text("sender.login") == "alice")
    #expect(body["sender"]?["id"] == .integer(5))
    let moved = try members(
      self.message(.tagMove, "v1", ["to": digest.description, "reason": "rollback"], format: format))
    #expect(moved["action"] == .string("updated"))
    let ping = try self.message(.webhookPing, "2", ["scope": "team"], format: format, repository: nil)
    #expect(ping.headers["X-GitHub-Event"] == "ping")
    #expect(try members(ping)["hook_id"] == .integer(2))
  }
}
