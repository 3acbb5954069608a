import Foundation
import NIOHTTP1
import OCI
import Testing
import TestSupport

@testable import Server

@Suite("Tags and the trash over the management API", .liveServer { $0.access = .accounts })
struct TagOperationTests {
  private let server = LiveServer.current

  private struct Lifetime: Decodable {
    struct Author: Decodable {
      let name: String
    }
    let digest: String
    let by: Author?
  }

  private struct Promotion: Decodable {
    let digest: String
    let changed: Bool
    let manifests: [String]
  }

  @Test("who moved a tag is told to those who may push, and not to those who may only pull")
  func secrecy() async throws {
    let team = try await server.makeOrganization()
    let writer = try await server.makeMember("write", of: team)
    let reader = try await server.makeMember("read", of: team)
    let image = try await server.pushNewImage(to: "\(team)/api", tag: "v1", as: writer.login)
    let history = { (login: Login) in
      try await server.mustManage(.GET, "history?repository=\(team)/api&tag=v1", as: login).decoded([Lifetime].self)
    }
    #expect(try await history(writer.login).map(\.by?.name) == [writer.name])
    #expect(try await history(reader.login).map(\.digest) == [image.manifest.description])
    #expect(try await history(reader.login).map(\.by?.name) == [nil])
  }

  @Test("a history has pages that hold all of it once")
  func pages() async throws {
    let team = try await server.makeOrganization()
    var digests: [String] = []
    for _ in 0..<5 {
      digests.append(try await server.pushNewImage(to: "\(team)/api", tag: "v1").manifest.description)
    }
    var listed: [String] = []
    var next: String? = "/api/v1/history?repository=\(team)/api&tag=v1&n=2"
    while let target = next {
      let reply = try await server.send(.GET, target, as: try server.administrator)
      listed += try reply.decoded([Lifetime].self).map(\.digest)
      next = reply["Link"].map { String($0.dropFirst().prefix { $0 != ">" }) }
    }
    #expect(listed == digests.reversed())
  }

  @Test("a tag that is not what was expected is left alone, and the refusal says what it is")
  func compareAndSet() async throws {
    let team = try await server.makeOrganization()
    let old = try await server.pushNewImage(to: "\(team)/api", tag: "latest").manifest
    let new = try await server.pushNewImage(to: "\(team)/api", tag: "latest").manifest
    let rollback = { (expected: String) in
      try await server.manage(
        .POST, "rollbacks", #"{"repository":"\#(team)/api","tag":"latest","expect":"\#(expected)"}"#)
    }
    let refused = try await rollback(old.description)
    #expect(refused.status == 409 && refused.isError(.denied) && refused.text.contains(new.description))
    #expect(try await rollback("none").status == 409)
    #expect(try await rollback("sha256:12").status == 400)
    #expect(try await rollback(new.description).status == 200)
    let pulled = try await server.send(
      .HEAD, "/v2/\(team)/api/manifests/latest", as: try server.administrator)
    #expect(pulled["Docker-Content-Digest"] == old.description)
  }

  @Test("a promotion takes a pull from the one repository and a push to the other, and is done once")
  func promotion() async throws {
    let (dev, prod) = (try await server.makeOrganization(), try await server.makeOrganization())
    let image = try await server.pushNewImage(to: "\(dev)/api", tag: "main").manifest
    let user = try await server.makeUser()
    let promote = {
      try await server.manage(
        .POST, "promotions", as: user.login,
        #"{"source":"\#(dev)/api","reference":"main","repository":"\#(prod)/api","tags":["v1"]}"#)
    }
    try await server.setRole("write", of: user.name, in: prod)
    #expect(try await promote().status == 403)
    try await server.setRole("read", of: user.name, in: dev)
    let first = try await promote().decoded(Promotion.self)
    #expect(first.changed && first.digest == image.description && first.manifests == [image.description])
    #expect(try await !promote().decoded(Promotion.self).changed)
    try await server.setRole("read", of: user.name, in: prod)
    #expect(try await promote().status == 403)
    let pulled = try await server.send(.GET, "/v2/\(prod)/api/manifests/v1", as: user.login)
    #expect(pulled.status == 200)
  }

  @Test("the trash of all repositories is for administrators")
  func allTrash() async throws {
    try await LiveServer.run(configure: { $0.access = .accounts }) { server in
      let team = try await server.makeOrganization()
      let owner = try await server.makeMember("admin", of: team)
      for (method, path) in [(HTTPMethod.GET, "trash/manifests"), (.GET, "trash/tags"), (.DELETE, "trash")] {
        #expect(try await server.manage(method, path, as: owner.login).status == 403)
        #expect(try await server.manage(method, path).status == 200)
      }
    }
  }

  @Test(
    "what cannot be understood is refused",
    arguments: [
      ("history?repository=team/api", 400), ("history?repository=team/api&tag=v1&after=x", 400),
      ("resolution?repository=team/api&tag=v1&at=yesterday", 400), ("trash/tags?after=12", 400),
      ("trash/tags?repository=Team", 400), ("trash/other", 404),
    ])
  func refusals(_ path: String, _ status: Int) async throws {
    #expect(try await server.manage(.GET, path).status == status)
  }

  @Test("a window that is none is refused", arguments: ["", "14", "4000d", "forever"])
  func windows(_ window: String) async throws {
    let team = try await server.makeOrganization()
    #expect(try await server.manage(.PATCH, "trash/windows/\(team)", #"{"window":"\#(window)"}"#).status == 400)
  }

  /// On a server of its own, because a collection without grace takes the blobs of pushes that have not come to their end.
  @Test("what is deleted stays on the disk until the trash is emptied, and metrics say how much that is")
  func bytes() async throws {
    try await LiveServer.run(configure: { $0.access = .accounts }) { server in
      let team = try await server.makeOrganization()
      let image = try await server.pushNewImage(to: "\(team)/api", tag: "v1")
      let path = "/v2/\(team)/api/manifests/\(image.manifest)"
      #expect(try await server.send(.DELETE, path, as: try server.administrator).status == 202)
      try await server.mustManage(.POST, "collections?grace=0s")
      let metrics = try await server.send(.GET, "/metrics", as: try server.administrator).text
      let line = try #require(metrics.split(separator: "\n").first { $0.hasPrefix("berth_trash_bytes ") })
      #expect(try #require(Double(line.split(separator: " ")[1])) >= 100)
      let restore = #"{"repository":"\#(team)/api","reference":"\#(image.manifest)","tags":true}"#
      #expect(try await server.manage(.POST, "restorations", restore).status == 200)
      #expect(try await server.send(.GET, path, as: try server.administrator).status == 200)
      let blob = "/v2/\(team)/api/blobs/\(image.layer)"
      #expect(try await server.send(.GET, blob, as: try server.administrator).body.count == 100)

      #expect(try await server.send(.DELETE, path, as: try server.administrator).status == 202)
      try await server.mustManage(.DELETE, "trash?repository=\(team)/api")
      #expect(try await server.manage(.POST, "restorations", restore).status == 404)
      let emptied = Timestamp.now
      while .now <= emptied { await Task.yield() }
      let collection = try await server.mustManage(.POST, "collections?grace=0s").text
      #expect(collection.split(separator: "\n").last?.contains(#""manifests":1,"#) == true, "\(collection)")
      #expect(collection.split(separator: "\n").last?.contains(#""blobs":2,"#) == true, "\(collection)")
    }
  }
}
