import Foundation
import NIOHTTP1
import OCI
import Server
import TestSupport
import Testing

@Suite("A server that replicates to another", .timeLimit(.minutes(10)))
struct ReplicationPairTests {
  @Test("makes both the same, though the target is stopped and started again during 500 pushes")
  func outage() async throws {
    try await withTemporaryFolder { folder in
      let (data, file) = ("\(folder)/target", "\(folder)/replication.yaml")
      let port = try await LiveServer.run(data: data) { $0.port }
      try ReplicationPair.file(port, "repositories: team/*").write(toFile: file, atomically: true, encoding: .utf8)
      let listen = { @Sendable (settings: inout Settings) in
        settings.listen = try! ListenAddress(parsing: "127.0.0.1:\(port)")
      }
      try await LiveServer.run(data: "\(folder)/source", configure: { $0.replication = file }) { source in
        try await LiveServer.run(data: data, configure: listen) { target in
          try await push(0..<150, to: source)
          while try await ReplicationPair.tags(of: "team/app", on: target).isEmpty { await shortPause() }
        }
        try await push(150..<350, to: source)
        while try await !source.send(.GET, "/api/v1/replication").text.contains("targetFailure") {
          await shortPause()
        }
        try await LiveServer.run(data: data, configure: listen) { target in
          try await push(350..<500, to: source)
          try await ReplicationPair.settle(source)
          for repository in ["team/app", "team/other"] {
            let tags = try await ReplicationPair.tags(of: repository, on: source)
            #expect(tags.count == 26)
            #expect(try await ReplicationPair.tags(of: repository, on: target) == tags)
          }
          let metrics = try await source.send(.GET, "/metrics").text
          #expect(metrics.contains(#"berth_replication_pending{rule="rule"} 0"#))
          #expect(metrics.contains(#"berth_replication_oldest_age_seconds{rule="rule"} 0"#))
        }
      }
    }
  }

  /// Pushes images of 10 bytes each, each with a tag that moves often, in two repositories.
  private func push(_ numbers: Range<Int>, to source: LiveServer) async throws {
    try await withThrowingTaskGroup { group in
      for lane in 0..<5 {
        group.addTask {
          for number in numbers where number % 5 == lane {
            let repository = number.isMultiple(of: 2) ? "team/app" : "team/other"
            try await source.pushImage(to: repository, as: "v\(number % 50)", layers: [Sample.newBytes(10)])
            if number % 10 < 2 {
              try await source.pushImage(to: repository, as: "latest", layers: [Sample.newBytes(10)])
            }
          }
        }
      }
      try await group.waitForAll()
    }
  }

  @Test("waits where the target's quota is used up, says so, and goes on once there is room")
  func quota() async throws {
    try await ReplicationPair.run("repositories: team/*") { pair in
      let set = { (limit: Int) in
        try await pair.target.send(
          .PUT, "/api/v1/quotas", body: Array(#"{"scope":"team","limit":\#(limit)}"#.utf8))
      }
      #expect(try await set(1).status == 200)
      let image = try await pair.source.pushImage(to: "team/app", as: "v1", layers: [Sample.newBytes(100)])
      while try await !pair.source.send(.GET, "/api/v1/replication/rule/jobs").text.contains("of its quota of 1 B") {
        await shortPause()
      }
      #expect(try await set(1 << 20).status == 200)
      try await pair.source.send(.POST, "/api/v1/replication/rule/runs")
      try await ReplicationPair.settle(pair.source)
      #expect(try await pair.target.send(.GET, "/v2/team/app/manifests/v1").body == image.bytes)
    }
  }

  @Test("brings whole indexes, what refers to them, and large blobs, byte for byte, under another name")
  func content() async throws {
    try await ReplicationPair.run("repositories: team/*\nrename: {from: team, to: crew}") { pair in
      let layer = Sample.newBytes(3_000_000)
      let image = try await pair.source.pushImage(to: "team/app", as: nil, layers: [layer])
      let index = Sample.index([Sample.descriptor(MediaType.ociManifest.value, image.bytes)])
      _ = try await pair.source.pushManifest(index, to: "team/app", as: "v1", type: .ociIndex)
      let subject = #","subject":\#(Sample.descriptor(MediaType.ociIndex.value, index))"#
      let signature = try await pair.source.pushImage(to: "team/app", as: nil, layers: [], extra: subject)
      try await ReplicationPair.settle(pair.source)
      #expect(try await pair.target.send(.GET, "/v2/crew/app/manifests/v1").body == index)
      #expect(try await pair.target.send(.GET, "/v2/crew/app/manifests/\(image.digest)").body == image.bytes)
      let isWhole = try await pair.target.send(.GET, "/v2/crew/app/blobs/\(Digest.of(layer))").body == layer
      #expect(isWhole)
      let referrers = try await pair.target.send(.GET, "/v2/crew/app/referrers/\(Digest.of(index))").text
      #expect(referrers.contains(signature.digest.description))
    }
  }

  @Test("deletes a tag that is deleted, and leaves the manifest's other tags")
  func deletes() async throws {
    try await ReplicationPair.run("repositories: team/*\ndeletes: true") { pair in
      let image = try await pair.source.pushImage(to: "team/app", as: "a")
      _ = try await pair.source.pushManifest(image.bytes, to: "team/app", as: "b")
      try await ReplicationPair.settle(pair.source)
      #expect(try await pair.source.send(.DELETE, "/v2/team/app/manifests/a").status == 202)
      try await ReplicationPair.settle(pair.source)
      #expect(try await ReplicationPair.tags(of: "team/app", on: pair.target) == ["b": image.digest.description])
    }
  }

  @Test("says what differs, and mends it when it is asked to")
  func comparison() async throws {
    try await ReplicationPair.run("repositories: team/*\ndeletes: true\nreferrers: false") { pair in
      let image = try await pair.source.pushImage(to: "team/app", as: "same")
      try await ReplicationPair.settle(pair.source)
      let other = try await pair.target.pushImage(to: "team/app", as: "surplus", layers: [])
      let differences = try await ReplicationPair.differences(pair.source)
      #expect(
        differences == """
          {"difference":"surplus","repository":"team/app","reference":"surplus","target":"\(other.digest)"}
          {"done":true,"compared":1,"differences":1}

          """)
      #expect(try await pair.source.send(.POST, "/api/v1/replication/rule/runs").status == 202)
      try await ReplicationPair.settle(pair.source)
      #expect(try await ReplicationPair.tags(of: "team/app", on: pair.target) == ["same": image.digest.description])
      let unknown = try await pair.source.send(.POST, "/api/v1/replication/unknown/runs")
      #expect(unknown.status == 404 && unknown.text.contains("there are rule"))
      #expect(try await pair.source.send(.GET, "/api/v1/replication/NO/jobs").status == 400)
    }
  }

  @Test("follows its file when that changes, and shows why it is behind")
  func change() async throws {
    try await ReplicationPair.run("repositories: other/*") { pair in
      try ReplicationPair.file(1, "repositories: team/*").write(toFile: pair.file, atomically: true, encoding: .utf8)
      // What was pushed before the rule is there is not brought.
      repeat {
        try await pair.source.pushImage(to: "team/app", as: LiveServer.newName("tag"), layers: [])
      } while try await pair.source.send(.GET, "/api/v1/replication/rule/jobs").text == "[]"
      while try await !pair.source.send(.GET, "/api/v1/replication/rule/jobs").text.contains("lastError") {
        await shortPause()
      }
      let status = try await pair.source.send(.GET, "/api/v1/replication").text
      #expect(status.contains(#""targetFailure":"#) && !status.contains(#""pending":0"#), "\(status)")
    }
  }

  @Test("waits for a target that does not let it in, and goes on once it does")
  func unauthorized() async throws {
    try await withTemporaryFolder { folder in
      try await LiveServer.run(configure: { $0.access = .accounts }) { target in
        let (file, password) = ("\(folder)/replication.yaml", "\(folder)/password")
        try "wrong\n".write(toFile: password, atomically: true, encoding: .utf8)
        try await target.makeOrganization("team")
        let robot = try await target.makeToken(
          of: "team", scopes: ["read:packages", "write:packages"], repositories: ["team/*"])
        let yaml = """
          targets: {there: {registry: "127.0.0.1:\(target.port)", username: robot, password-file: \(password)}}
          rules: [{name: rule, target: there, repositories: team/*}]
          """
        try yaml.write(toFile: file, atomically: true, encoding: .utf8)
        try await LiveServer.run(configure: { $0.replication = file }) { source in
          let image = try await source.pushImage(to: "team/app", as: "latest")
          while try await !source.send(.GET, "/api/v1/replication").text.contains("targetFailure") {
            await shortPause()
          }
          try robot.secret.write(toFile: password, atomically: true, encoding: .utf8)
          while true {
            let reply = try await target.send(.GET, "/v2/team/app/manifests/latest", as: robot.login)
            if reply.body == image.bytes { return }
            await shortPause()
          }
        }
      }
    }
  }
}
