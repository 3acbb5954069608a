import Foundation
import NIOHTTP1
import TestSupport
import Testing

/// `berth retention` against a server that is open to everybody.
@Suite struct RetentionCommandTests {
  @Test("a policy is set, its plan shown and applied, and the report tells what went")
  func planAndApply() async throws {
    try await withServer { server, berth in
      for tag in ["v1", "main-1", "main-2"] { try await push(tag, to: server) }
      let file = "\(NSTemporaryDirectory())/\(UUID().uuidString).yaml"
      defer { try? FileManager.default.removeItem(atPath: file) }
      try """
      rules:
        - {name: releases, tags: "v*", keep: always}
        - {name: builds, tags: "main-*", keep: {newest: 1}}
      """.write(toFile: file, atomically: true, encoding: .utf8)
      let set = try await berth(["retention", "set", "team/api", file])
      #expect(set.output == "set the retention policy of team/api\n", "\(set.errors)")
      #expect(try await berth(["retention", "show", "team/api"]).output.contains("name: builds"))

      let plan = try await berth(["retention", "plan", "team"])
      #expect(plan.lines.first?.hasPrefix("tag team/api:main-1 ") == true, "\(plan.output)\(plan.errors)")
      #expect(plan.lines.first?.hasSuffix("goes by builds (team/api)") == true)
      #expect(plan.lines.last?.contains("run 1: 1 tags, 1 manifests and 2 blobs") == true)
      let all = try await berth(["retention", "plan", "--all-repositories", "--all", "--json"])
      #expect(all.output.contains(#""kept":"rule","by":"releases (team/api)""#))
      #expect(all.lines.count { $0.contains(#"{"blob":"#) && $0.contains(#""kept":"manifest","by":"sha256:"#) } == 4)

      let applied = try await berth(["retention", "apply", "1"])
      #expect(applied.output == "run 1: removed 1 tags and 1 manifests\n", "\(applied.errors)")
      let tags = try await server.send(.GET, "/v2/team/api/tags/list")
      #expect(tags.text.contains(#"["main-2","v1"]"#), "\(tags.text)")
      #expect(try await berth(["retention", "apply", "1"]).output == applied.output)
      #expect(try await berth(["retention", "report", "1"]).lines.last?.hasPrefix("team/api    1 of 1") == true)
      #expect(try await berth(["retention", "runs"]).lines.count == 3)
      #expect(try await berth(["retention", "remove", "team/api"]).status == 0)
      #expect(try await berth(["retention", "show"]).output == "there is no policy\n")
    }
  }

  @Test("what is wrong is told with what would be right")
  func refusals() async throws {
    try await withServer { _, berth in
      let file = "\(NSTemporaryDirectory())/\(UUID().uuidString).yaml"
      defer { try? FileManager.default.removeItem(atPath: file) }
      try "rules:\n  - {name: a, tags: '*', keep: sometimes}".write(toFile: file, atomically: true, encoding: .utf8)
      let policy = try await berth(["retention", "set", "--all-repositories", file])
      #expect(policy.status == 1)
      #expect(policy.errors.contains("line 2: keep is always, never, or conditions"))
      #expect(try await berth(["retention", "set", "team"]).status == 64)
      let run = try await berth(["retention", "apply", "7"])
      #expect(run.status == 1)
      #expect(run.errors.contains("there is no retention run 7"))
    }
  }

  private func push(_ tag: String, to server: LiveServer) async throws {
    let config = try await server.pushBlob(Array("config of \(tag)".utf8), to: "team/api")
    let layer = try await server.pushBlob(Array("layer of \(tag)".utf8), to: "team/api")
    let manifest = #"""
      {"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",
       "config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"\#(config)","size":\#(10 + tag.count)},
       "layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"\#(layer)","size":\#(9 + tag.count)}]}
      """#
    let reply = try await server.send(
      .PUT, "/v2/team/api/manifests/\(tag)", [("Content-Type", "application/vnd.oci.image.manifest.v1+json")],
      body: Array(manifest.utf8))
    #expect(reply.status == 201, "\(reply.text)")
  }

  private func withServer(_ body: (LiveServer, ([String]) async throws -> CommandRun) async throws -> Void) async throws
  {
    try await withTemporaryFolder { folder in
      try await LiveServer.run { server in
        try await body(server) { arguments in
          try await CommandRun(arguments, folder: folder, environment: ["BERTH_SERVER": server.url])
        }
      }
    }
  }
}
