import Foundation
import NIOHTTP1
import OCI
import Server
import TestSupport
import Testing

@Suite("Rules and holds, where access is open", .liveServer)
struct ProtectionTests {
  private let server = LiveServer.current
  private let repository = LiveServer.newRepository()

  private func api(_ method: HTTPMethod, _ path: String, _ json: String? = nil) async throws -> Reply {
    try await server.send(method, "/api/v1/\(path)", body: json.map { Array($0.utf8) })
  }

  /// Makes a rule for this test's repository.
  private func protect(_ tags: String, _ protects: String = "tags") async throws -> String {
    let name = LiveServer.newName("rule")
    let json = #"{"name":"\#(name)","repositories":"\#(repository)","tags":[\#(tags)],"protects":"\#(protects)"}"#
    let reply = try await api(.POST, "protection-rules", json)
    #expect(reply.status == 201, "\(reply.text)")
    return name
  }

  private func hold(_ reference: String, _ reason: String = "evidence for incident 42") async throws -> Reply {
    try await api(
      .POST, "holds", #"{"repository":"\#(repository)","reference":"\#(reference)","reason":"\#(reason)"}"#)
  }

  private func path(_ reference: String) -> String { "/v2/\(repository)/manifests/\(reference)" }

  @Test("a push that would move a protected tag is told the rule, who made it and what to do, and changes nothing")
  func pushes() async throws {
    let rule = try await protect(#""v*","!v0*""#)
    let first = try await server.pushImage(to: repository, as: "v1.2.3", layers: [Array("one".utf8)])
    try await server.pushBlob(Array("two".utf8), to: repository)
    let other = Sample.image(layers: [Array("two".utf8)])
    let refused = try await server.pushManifest(other, to: repository, as: "v1.2.3")
    #expect(refused.status == 409 && refused.isError(.denied))
    for part in [
      "\(repository):v1.2.3 is immutable and stays at \(first.digest)", "the rule \(rule) ", "tags v* !v0* of",
      "made by anonymous", "push under another tag", "`berth protect remove \(rule)`", #""rule":"\#(rule)""#,
      #""refused":"\#(Digest.of(other))""#,
    ] { #expect(refused.text.contains(part), "\(part): \(refused.text)") }
    let several = try await server.pushManifest(other, to: repository, as: "latest?tag=v1.2.3")
    #expect(several.status == 409)
    for reference in ["latest", "\(Digest.of(other))"] {
      #expect(try await server.send(.GET, path(reference)).status == 404, "\(reference)")
    }
    #expect(try await server.pushManifest(first.bytes, to: repository, as: "v1.2.3").status == 201)
    #expect(try await server.pushManifest(other, to: repository, as: "v0.1").status == 201)
    #expect(try await server.pushManifest(first.bytes, to: repository, as: "v0.1").status == 201)
    #expect(try await server.send(.GET, path("v1.2.3")).body == first.bytes)

    for reference in ["v1.2.3", "\(first.digest)"] {
      let reply = try await server.send(.DELETE, path(reference))
      #expect(reply.status == 409 && reply.isError(.denied) && reply.text.contains(rule), "\(reply.text)")
    }
    #expect(try await api(.DELETE, "protection-rules/\(rule)").status == 204)
    #expect(try await api(.GET, "protection-rules/\(rule)").status == 404)
    #expect(try await server.pushManifest(other, to: repository, as: "v1.2.3").status == 201)
    #expect(try await server.send(.GET, path("v1.2.3")).body == other, "no cache keeps what moved")
  }

  @Test("what is held is not deleted, nor its signature, and who is refused is told why and by whom")
  func holds() async throws {
    let image = try await server.pushImage(to: repository, as: "latest")
    let subject = Sample.descriptor(MediaType.ociManifest.value, image.bytes)
    let signature = try await server.pushImage(
      to: repository, as: nil, layers: [Array("signature".utf8)], extra: #","subject":\#(subject)"#)
    let held = try await hold("latest")
    #expect(held.status == 201 && held.text.contains(image.digest.description), "\(held.text)")
    #expect(try await hold("\(image.digest)").status == 201, "the same again is fine")
    let another = try await hold("latest", "another reason")
    #expect(another.status == 409 && another.text.contains("evidence for incident 42"))
    for digest in [image.digest, signature.digest] {
      let refused = try await server.send(.DELETE, path("\(digest)"))
      #expect(refused.status == 409 && refused.isError(.denied))
      #expect(refused.text.contains("by anonymous: evidence for incident 42"), "\(refused.text)")
      #expect(refused.text.contains("`berth unhold \(repository)@\(image.digest)`"), "\(refused.text)")
    }
    try await server.pushImage(to: repository, as: "latest", layers: [Array("newer".utf8)])
    let moved = try await api(.DELETE, "holds?repository=\(repository)&reference=latest")
    #expect(moved.status == 404 && moved.text.contains("is not held"), "\(moved.text)")
    #expect(try await api(.DELETE, "holds?repository=\(repository)&reference=\(image.digest)").status == 204)
    #expect(try await server.send(.DELETE, path("\(signature.digest)")).status == 202)
    #expect(try await server.send(.DELETE, path("\(image.digest)")).status == 202)
  }

  @Test("a rule for digests lets tags move, and keeps what had them")
  func digests() async throws {
    let rule = try await protect(#""prod""#, "digests")
    let first = try await server.pushImage(to: repository, as: "prod", layers: [Array("one".utf8)])
    try await server.pushImage(to: repository, as: "prod", layers: [Array("two".utf8)])
    let refused = try await server.send(.DELETE, path("\(first.digest)"))
    #expect(refused.status == 409 && refused.text.contains("has or had the tag prod"), "\(refused.text)")
    let explained = try await api(.GET, "protection?repository=\(repository)&reference=\(first.digest)")
    #expect(explained.text.contains(rule))
    #expect(try await api(.GET, "protection?repository=\(repository)&reference=other").text.contains(#""reasons":[]"#))
  }

  @Test("lists come in pages")
  func pages() async throws {
    for tag in ["a", "b", "c"] {
      _ = try await protect(#""\#(tag)""#)
      try await server.pushImage(to: repository, as: tag, layers: [Array(tag.utf8)])
      #expect(try await hold(tag, tag).status == 201)
    }
    for start in ["protection-rules?n=1", "holds?repository=\(repository)&n=1"] {
      var next: String? = "/api/v1/\(start)"
      var pages: [String] = []
      while let target = next {
        let reply = try await server.send(.GET, target)
        #expect(reply.status == 200, "\(reply.text)")
        pages.append(reply.text)
        next = reply["Link"].map { String($0.dropFirst().prefix { $0 != ">" }) }
      }
      #expect(pages.count >= 3 && Set(pages).count == pages.count, "\(start)")
    }
    let rules = try await api(.GET, "protection-rules?repository=\(repository)")
    #expect(try JSONDecoder().decode([[String: AnyValue]].self, from: Data(rules.body)).count == 3)
  }

  /// A value that is not looked at.
  private struct AnyValue: Decodable {
    init(from decoder: any Decoder) {}
  }

  @Test(
    "what cannot be is refused",
    arguments: [
      (HTTPMethod.POST, "protection-rules", #"{"name":"a b","repositories":"team","tags":["v*"]}"#, 400),
      (.POST, "protection-rules", #"{"name":"a","repositories":"Team","tags":["v*"]}"#, 400),
      (.POST, "protection-rules", #"{"name":"a","repositories":"team","tags":["!v*"]}"#, 400),
      (.POST, "protection-rules", #"{"name":"a","repositories":"team","tags":[]}"#, 400),
      (.POST, "protection-rules", #"{"name":"a","repositories":"team","tags":["v*"],"protects":"all"}"#, 400),
      (.GET, "protection-rules/a%20b", nil, 400), (.DELETE, "protection-rules/absent", nil, 404),
      (.GET, "protection?repository=team/api", nil, 400), (.GET, "protection?reference=v1", nil, 400),
      (.GET, "protection?repository=team/api&reference=sha256:\(String(repeating: "0", count: 64))", nil, 404),
      (.GET, "holds?after=x", nil, 400), (.GET, "holds?n=0", nil, 400),
      (.POST, "holds", #"{"repository":"team/api","reference":"v1","reason":"a\nb"}"#, 400),
      (.POST, "holds", #"{"repository":"team/api","reference":"absent","reason":"a"}"#, 404),
      (.DELETE, "holds?repository=team/api&reference=absent", nil, 404),
    ] as [(HTTPMethod, String, String?, Int)])
  func faults(_ method: HTTPMethod, _ path: String, _ json: String?, status: Int) async throws {
    let reply = try await api(method, path, json)
    #expect(reply.status == status, "\(reply.text)")
  }

  @Test("a name belongs to one rule")
  func names() async throws {
    let rule = try await protect(#""v*""#)
    let again = #"{"name":"\#(rule)","repositories":"**","tags":["x"]}"#
    let reply = try await api(.POST, "protection-rules", again)
    #expect(reply.status == 409 && reply.isError(.denied) && reply.text.contains("already"))
  }
}

@Suite("Who may make rules and holds", .liveServer { $0.access = .accounts })
struct ProtectionAccessTests {
  private let server = LiveServer.current

  private func rule(_ repositories: String) -> String {
    #"{"name":"\#(LiveServer.newName("rule"))","repositories":"\#(repositories)","tags":["v*"]}"#
  }

  @Test("administrators of an owner make rules for it alone, and see no others' but those for all")
  func owners() async throws {
    let (team, other) = (try await server.makeOrganization(), try await server.makeOrganization())
    let (owner, reader) = (
      try await server.makeMember("admin", of: team), try await server.makeMember("read", of: team)
    )
    for (repositories, status) in [(team, 201), ("\(team)/*", 201), (other, 403), ("**", 403), ("*/api", 403)] {
      let reply = try await server.manage(.POST, "protection-rules", as: owner.login, rule(repositories))
      #expect(reply.status == status, "\(repositories): \(reply.text)")
    }
    #expect(try await server.manage(.POST, "protection-rules", as: reader.login, rule(team)).status == 403)
    let own = try await server.manage(.POST, "protection-rules", as: reader.login, rule("\(reader.name)/**"))
    #expect(own.status == 201, "everybody administers what is under their own name")
    let foreign = try await server.mustManage(.POST, "protection-rules", rule(other)).member("name")
    let everywhere = try await server.mustManage(.POST, "protection-rules", rule("\(team)-*/**")).member("name")
    let seen = try await server.mustManage(.GET, "protection-rules?n=1000", as: owner.login).text
    #expect(!seen.contains(foreign) && seen.contains(everywhere))
    #expect(try await server.manage(.GET, "protection-rules/\(foreign)", as: owner.login).status == 404)
    #expect(try await server.manage(.DELETE, "protection-rules/\(foreign)", as: owner.login).status == 404)
    #expect(try await server.manage(.DELETE, "protection-rules/\(everywhere)", as: owner.login).status == 403)
    #expect(try await server.manage(.DELETE, "protection-rules/\(everywhere)").status == 204)
  }

  @Test("an administrator of the registry cannot move or delete what a rule keeps, and is told so like everybody")
  func administrators() async throws {
    let team = try await server.makeOrganization()
    let repository = "\(team)/api"
    let made = try await server.mustManage(.POST, "protection-rules", rule(team)).member("name")
    let image = try await server.pushNewImage(to: repository, tag: "v1").manifest
    let deletion = try await server.send(
      .DELETE, "/v2/\(repository)/manifests/\(image)", as: try server.administrator)
    #expect(deletion.status == 409 && deletion.text.contains("an administrator of \(team)"), "\(deletion.text)")
    let events = try await server.mustManage(.GET, "audit?n=1000").text
    #expect(events.contains(#""action":"rule.add""#) && events.contains(#""subject":"\#(made)""#))
    let denied = try await server.mustManage(.GET, "audit?outcome=denied&repository=\(repository)").text
    #expect(
      denied.contains(#""action":"delete""#) && denied.contains("\(image)") && denied.contains("the rule \(made) "))
  }

  @Test("holds of repositories that somebody may not see are not listed")
  func secrecy() async throws {
    let (team, other) = (try await server.makeOrganization(), try await server.makeOrganization())
    let reader = try await server.makeMember("read", of: team)
    for owner in [team, other] {
      _ = try await server.pushNewImage(to: "\(owner)/api", tag: "v1")
      try await server.mustManage(
        .POST, "holds", #"{"repository":"\#(owner)/api","reference":"v1","reason":"evidence"}"#)
    }
    let listed = try await server.mustManage(.GET, "holds", as: reader.login).text
    #expect(listed.contains("\(team)/api") && !listed.contains("\(other)/api"))
    #expect(try await server.manage(.GET, "holds?repository=\(other)/api", as: reader.login).status == 404)
    let explained = try await server.manage(
      .GET, "protection?repository=\(other)/api&reference=v1", as: reader.login)
    #expect(explained.status == 404)
  }
}

extension Reply {
  /// A member of the JSON object in the body.
  fileprivate func member(_ name: String) throws -> String {
    guard case .string(let text) = try JSONValue(parsing: body)[name] else { throw MissingMember(name: name) }
    return text
  }
}

private struct MissingMember: Error {
  let name: String
}
