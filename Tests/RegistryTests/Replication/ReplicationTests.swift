import Catalog
import OCI
import TestSupport
import Testing

@testable import Registry

@Suite("Replication")
struct ReplicationTests {
  @Test("brings what was pushed, and of a tag that moved often what it is by then, once")
  func moves() async throws {
    try await ReplicationOnDisk.run(try ReplicationOnDisk.rule()) { scene in
      var last: Manifest?
      for number in 0..<20 {
        last = try await scene.disk.pushImage(["config", "layer \(number)"], tags: ["latest"])
        if number == 9 { await scene.settle() }
      }
      await scene.settle()
      #expect(scene.target["latest"] == last?.digest)
      #expect(scene.target.copies.count == 2)
      #expect(try await scene.jobs == [])
    }
  }

  @Test("does what a tag became while it was brought next")
  func overtaken() async throws {
    try await ReplicationOnDisk.run(try ReplicationOnDisk.rule()) { scene in
      try await scene.disk.pushImage(["config", "1"], tags: ["latest"])
      let begun = await scene.replication.nextWork()
      let second = try await scene.disk.pushImage(["config", "2"], tags: ["latest"])
      #expect(await scene.replication.nextWork().isEmpty)
      for work in begun { await scene.replication.carryOut(work) }
      #expect(try await scene.jobs.count == 1)
      await scene.settle()
      #expect(scene.target["latest"] == second.digest)
      #expect(try await scene.jobs == [])
    }
  }

  @Test("goes on after a restart with what was queued, and with what nobody had read")
  func restart() async throws {
    let rule = try ReplicationOnDisk.rule()
    try await ReplicationOnDisk.run(rule) { scene in
      try await scene.disk.pushImage(["config", "1"], tags: ["queued"])
      _ = await scene.replication.nextWork()
      try await scene.disk.pushImage(["config", "2"], tags: ["unread"])
      let next = try await scene.restarted(rule)
      await next.settle()
      #expect(scene.target["queued"] != nil && scene.target["unread"] != nil)
      #expect(try await next.jobs == [])
    }
  }

  @Test("writes nothing for pushes that no rule wants, and remembers now and then how far it has read")
  func unwanted() async throws {
    try await ReplicationOnDisk.run(try ReplicationOnDisk.rule(tags: ["v*"])) { scene in
      let start = try await scene.disk.catalog.position(of: .replication)
      try await scene.disk.pushImage(["config"], tags: ["latest"])
      #expect(await scene.replication.nextWork().isEmpty)
      #expect(try await scene.disk.catalog.position(of: .replication) == start)
      let others = (0..<Replication.unremembered).map { number in
        AuditEvent(actor: .somebody, action: .pull, outcome: .denied, subject: "\(number)")
      }
      try await scene.disk.catalog.record(others)
      #expect(await scene.replication.nextWork().isEmpty)
      #expect(try await scene.disk.catalog.position(of: .replication) > start)
      #expect(scene.target.requests == 0)
    }
  }

  @Test("asks a target that is down with one job at a time, less and less often, and then brings everything")
  func outage() async throws {
    try await ReplicationOnDisk.run(try ReplicationOnDisk.rule()) { scene in
      scene.target.failure = UpstreamFailure(.unavailable, "connection refused")
      for number in 0..<30 {
        try await scene.disk.pushImage(["config", "\(number)"], tags: ["v\(number)"])
      }
      await scene.settle()
      #expect(scene.target.requests == Replication.jobsAtOnce, "those that began before it was known")
      for round in 1...4 {
        let before = scene.target.requests
        await scene.settle()
        #expect(scene.target.requests == before)
        scene.wait(.seconds(300))
        await scene.settle()
        #expect(scene.target.requests == before + 1, "round \(round)")
      }
      let status = try await scene.replication.status(of: ReplicationOnDisk.name)
      #expect(status.targetFailure == "connection refused" && status.backlog?.pending == 30)
      #expect(try await scene.jobs.contains { $0.lastError == "connection refused" })

      scene.target.failure = nil
      scene.wait(.seconds(300))
      await scene.settle()
      scene.wait(.seconds(300))
      await scene.settle()
      #expect(try await scene.jobs == [])
      #expect((0..<30).allSatisfy { scene.target["v\($0)"] != nil })
      #expect(try await scene.replication.status(of: ReplicationOnDisk.name).targetFailure == nil)
    }
  }

  @Test("leaves a target alone for as long as it says")
  func retryAfter() async throws {
    try await ReplicationOnDisk.run(try ReplicationOnDisk.rule()) { scene in
      scene.target.failure = UpstreamFailure(.limited, "429", retryAfter: .seconds(1_000))
      try await scene.disk.pushImage(["config"], tags: ["latest"])
      await scene.settle()
      scene.target.failure = nil
      scene.wait(.seconds(999))
      await scene.settle()
      #expect(scene.target.requests == 1)
      scene.wait(.seconds(1))
      await scene.settle()
      #expect(scene.target["latest"] != nil)
    }
  }

  @Test("tries what fails alone less and less often, and the rest at once")
  func oneFails() async throws {
    try await ReplicationOnDisk.run(try ReplicationOnDisk.rule()) { scene in
      scene.target.failure = UpstreamFailure(.refused, "it refuses this one")
      try await scene.disk.pushImage(["config"], tags: ["bad"])
      await scene.settle()
      scene.target.failure = nil
      try await scene.disk.pushImage(["config"], tags: ["good"])
      await scene.settle()
      #expect(scene.target["good"] != nil && scene.target["bad"] == nil)
      let job = try #require(try await scene.jobs.first)
      #expect(job.lastError == "it refuses this one" && job.attempts == 1)
      scene.wait(.seconds(1))
      await scene.settle()
      #expect(scene.target["bad"] != nil)
    }
  }

  @Test(
    "waits twice as long after each failure, up to five minutes",
    arguments: [(0, 1), (1, 2), (5, 32), (9, 300), (99, 300)])
  func backOff(_ attempts: Int, seconds: Int) {
    #expect(BackOff.pause(after: attempts, jitter: 1) == .seconds(seconds))
    #expect(BackOff.pause(after: attempts, jitter: 0) == .seconds(seconds) / 2)
  }

  @Test("deletes what is gone where the rule says so, and says so where the target cannot")
  func deletes() async throws {
    try await ReplicationOnDisk.run(try ReplicationOnDisk.rule(deletes: true)) { scene in
      let image = try await scene.disk.pushImage(["config"], tags: ["a", "b"])
      let signature = try await scene.disk.pushImage(["config", "signature"], subject: image)
      await scene.settle()
      #expect(scene.target["a"] != nil && scene.target.has(signature.digest))
      let registry = scene.disk.registry
      try await registry.deleteManifest(.tag(.named("a")), from: RegistryOnDisk.repository, by: .somebody)
      try await scene.disk.delete(signature)
      await scene.settle()
      #expect(scene.target["a"] == nil && scene.target["b"] != nil && !scene.target.has(signature.digest))

      scene.target.deletesTags = false
      try await registry.deleteManifest(.tag(.named("b")), from: RegistryOnDisk.repository, by: .somebody)
      await scene.settle()
      scene.wait(.seconds(10_000))
      let before = scene.target.requests
      await scene.settle()
      #expect(scene.target.requests == before)
      let job = try #require(try await scene.jobs.first)
      #expect(job.nextAttemptAt == nil && job.lastError == "cannot delete a tag alone")
    }
  }

  @Test("keeps what is gone where the rule does not say otherwise")
  func keeps() async throws {
    try await ReplicationOnDisk.run(try ReplicationOnDisk.rule()) { scene in
      try await scene.disk.pushImage(["config"], tags: ["a"])
      await scene.settle()
      try await scene.disk.registry.deleteManifest(
        .tag(.named("a")), from: RegistryOnDisk.repository, by: .somebody)
      await scene.settle()
      #expect(scene.target["a"] != nil)
      #expect(try await scene.jobs == [])
    }
  }

  @Test("looks at the labels of an image, and of an index's images")
  func labels() async throws {
    try await ReplicationOnDisk.run(try ReplicationOnDisk.rule(labels: ["stage": "prod*"])) { scene in
      let production = try await scene.disk.pushImage([#"{"config":{"Labels":{"stage":"production"}}}"#], tags: ["yes"])
      let test = try await scene.disk.pushImage([#"{"config":{"Labels":{"stage":"test"}}}"#], tags: ["no"])
      try await scene.disk.pushImage(["no config of an image"], tags: ["artifact"])
      _ = try await scene.disk.push(.index([test, production]), tags: ["index"])
      _ = try await scene.disk.push(.index([test]), tags: ["index-of-test"])
      await scene.settle()
      #expect(scene.target.copies.count == 2)
      #expect(scene.target["yes"] != nil && scene.target["index"] != nil)
      #expect(try await scene.jobs == [])
    }
  }

  @Test("brings what refers to images that it wants, and not what refers to others")
  func referrers() async throws {
    try await ReplicationOnDisk.run(try ReplicationOnDisk.rule(tags: ["v*"])) { scene in
      let wanted = try await scene.disk.pushImage(["config", "1"])
      let index = try await scene.disk.push(.index([wanted]), tags: ["v1"])
      let other = try await scene.disk.pushImage(["config", "2"], tags: ["latest"])
      let ofImage = try await scene.disk.pushImage(["config", "3"], subject: wanted)
      let ofIndex = try await scene.disk.pushImage(["config", "4"], subject: index)
      let ofReferrer = try await scene.disk.pushImage(["config", "5"], subject: ofIndex)
      let ofOther = try await scene.disk.pushImage(["config", "6"], subject: other)
      let cosign = "sha256-\(index.digest.hex).sig"
      try await scene.disk.pushImage(["config", "7"], tags: [cosign, "sha256-\(other.digest.hex).sig"])
      await scene.settle()
      for digest in [index, ofImage, ofIndex, ofReferrer].map(\.digest) { #expect(scene.target.has(digest)) }
      #expect(!scene.target.has(ofOther.digest) && !scene.target.has(other.digest))
      #expect(scene.target[cosign] != nil && scene.target["sha256-\(other.digest.hex).sig"] == nil)
    }
  }

  @Test("leaves mirrors alone")
  func mirrors() async throws {
    try await ReplicationOnDisk.run(try ReplicationOnDisk.rule()) { scene in
      try await scene.disk.pushImage(["config"], tags: ["latest"], to: .named("team/mirror"))
      await scene.settle()
      #expect(scene.target.requests == 0)
    }
  }

  @Test("says what differs, and changes nothing by that")
  func comparison() async throws {
    let rule = try ReplicationOnDisk.rule(tags: ["v*"])
    try await ReplicationOnDisk.run(rule) { scene in
      let image = try await scene.disk.pushImage(["config"], tags: ["v1", "v2", "v3", "latest"])
      let signature = try await scene.disk.pushImage(["config", "signature"], subject: image)
      await scene.settle()
      #expect(try await scene.differences(rule) == [])
      let wrong = Digest.of(Array("wrong".utf8))
      scene.target["v1"] = nil
      scene.target["v2"] = wrong
      scene.target["v4"] = wrong
      scene.target["other"] = wrong
      scene.target.forget(signature.digest)
      let differences = try await scene.differences(rule)
      #expect(
        differences.map { "\($0.kind) \($0.reference)" } == [
          "missing v1", "different v2", "missing \(signature.digest)", "surplus v4",
        ])
      #expect(differences[1].source == image.digest && differences[1].target == wrong)
      #expect(scene.target["v2"] == wrong)
    }
  }

  @Test("mends what differs by its schedule and when it is asked, and deletes only where the rule says so")
  func reconciliation() async throws {
    let deletes = try ReplicationRuleName(parsing: "deletes")
    try await ReplicationOnDisk.run(
      try ReplicationOnDisk.rule(onPush: false, schedule: .seconds(3600)),
      try ReplicationOnDisk.rule(onPush: false, deletes: true, named: deletes)
    ) { scene in
      let image = try await scene.disk.pushImage(["config"], tags: ["a", "b"])
      scene.target["surplus"] = image.digest
      await scene.settle()
      #expect(scene.target["a"] == image.digest && scene.target["b"] == image.digest)
      #expect(scene.target["surplus"] == image.digest)

      scene.target["a"] = nil
      await scene.settle()
      #expect(scene.target["a"] == nil)
      scene.wait(.seconds(3600))
      await scene.settle()
      #expect(scene.target["a"] == image.digest)

      try await scene.replication.request(deletes, by: .somebody)
      await scene.settle()
      #expect(scene.target["surplus"] == nil && scene.target["a"] == image.digest)
      let unknown = try ReplicationRuleName(parsing: "unknown")
      await #expect(throws: RegistryError.self) { try await scene.replication.request(unknown, by: .somebody) }
    }
  }

  @Test("compares everything once more after a restart where it had not come to the end")
  func interruptedReconciliation() async throws {
    let rule = try ReplicationOnDisk.rule(onPush: false)
    try await ReplicationOnDisk.run(rule) { scene in
      try await scene.disk.pushImage(["config"], tags: ["a"])
      scene.target.failure = UpstreamFailure(.unavailable, "down")
      try await scene.replication.request(ReplicationOnDisk.name, by: .somebody)
      await scene.settle()
      let status = try await scene.replication.status(of: ReplicationOnDisk.name)
      #expect(status.reconciledAt == nil && status.isReconciling)
      scene.target.failure = nil
      let next = try await scene.restarted(rule)
      await next.settle()
      #expect(scene.target["a"] != nil)
      #expect(try await next.replication.status(of: ReplicationOnDisk.name).reconciledAt != nil)
    }
  }

  @Test("records what it did as its own, with the rule")
  func audit() async throws {
    try await ReplicationOnDisk.run(try ReplicationOnDisk.rule()) { scene in
      let image = try await scene.disk.pushImage(["config"], tags: ["a"])
      await scene.settle()
      let event = try #require(try await scene.disk.catalog.auditEvents(after: 0, limit: 100).last)
      #expect(event.action == .replicationCopy && event.subject == "a" && event.repository == "team/app")
      #expect(event.actor == Author(name: "berth", credential: "replication rule rule"))
      #expect(event.detail == ["digest": image.digest.description, "target": "there"])
    }
  }
}

extension ReplicationOnDisk {
  fileprivate func differences(_ rule: ReplicationRule) async throws -> [ReplicationDifference] {
    var all: [ReplicationDifference] = []
    _ = try await replication.compare(rule) { all += $0 }
    return all
  }
}
