internal import Catalog
internal import OCI
internal import Testing

extension CatalogSuite {
  static let feed: [CatalogSuite] = [
    CatalogSuite("a new reader of the feed reads what is recorded from then on, oldest first, and goes on from there") {
      scenario in
      let catalog = scenario.catalog
      try await scenario.record(["before"])
      let start = try await catalog.position(of: .replication)
      try await scenario.record(["a", "b", "c"])
      #expect(try await catalog.position(of: .replication) == start)
      let first = try await catalog.auditEvents(after: start, limit: 2)
      #expect(first.map(\.subject) == ["a", "b"])
      try await catalog.move(.replication, to: try #require(first.last).id)
      try await catalog.move(.replication, to: start)
      let position = try await catalog.position(of: .replication)
      #expect(try await catalog.auditEvents(after: position, limit: 9).map(\.subject) == ["c"])
      try await catalog.forget(.replication)
      let end = try await catalog.position(of: .replication)
      #expect(try await catalog.auditEvents(after: end, limit: 9) == [])
    },
    CatalogSuite("an event that a reader has not read is not removed, however old it is") { scenario in
      let catalog = scenario.catalog
      let remove = { try await catalog.removeAuditEvents(before: .farFuture, limit: 9) }
      try await scenario.record(["a"])
      let read = try await catalog.position(of: .replication)
      try await scenario.record(["b", "c"])
      #expect(try await remove() == 1)
      #expect(try await catalog.auditEvents(after: 0, limit: 9).map(\.subject) == ["b", "c"])
      try await catalog.move(.replication, to: read + 1)
      #expect(try await remove() == 1)
      try await catalog.forget(.replication)
      #expect(try await remove() == 1)
    },
    CatalogSuite("pushes and deletes of what refers to a manifest say what it refers to") { scenario in
      let image = try await scenario.pushImage(["config"])
      let signature = try await scenario.pushImage(["config", "signature"], subject: image)
      try await scenario.delete(signature)
      let events = try await scenario.catalog.auditEvents(after: 0, limit: 9).filter { $0.action != .tagMove }
      #expect(events.map(\.detail["subject"]) == [nil, image.digest.description, image.digest.description])
    },
  ]

  static let replication: [CatalogSuite] = [
    CatalogSuite("what is wished for twice is one job, which whoever began before does not end") { scenario in
      let catalog = scenario.catalog
      try await scenario.pushImage(["config"])
      try await scenario.want(["a"], at: 10)
      let begun = try #require(try await scenario.due(at: 10).first)
      #expect(begun.queuedAt == Timestamp(milliseconds: 10) && begun.attempts == 0 && begun.lastError == nil)
      try await scenario.want(["a", "b"], at: 20)
      try await catalog.endReplication(begun, recording: nil)
      let again = try await scenario.due(at: 20)
      #expect(again.map(\.wanted.reference) == [.tag(.named("a")), .tag(.named("b"))])
      #expect(again[0].id == begun.id && again[0].generation != begun.generation)
      #expect(again[0].queuedAt == begun.queuedAt)
      try await catalog.endReplication(
        again[0], recording: AuditEvent(actor: .berth, action: .replicationCopy, outcome: .done, subject: "a"))
      #expect(try await scenario.due(at: 20).map(\.wanted.reference) == [.tag(.named("b"))])
      #expect(try await catalog.auditEvents(AuditQuery(limit: 1)).map(\.action) == [.replicationCopy])
    },
    CatalogSuite("jobs and how far the feed was read are remembered together") { scenario in
      let catalog = scenario.catalog
      try await scenario.pushImage(["config"], tags: ["a"])
      let start = try await catalog.position(of: .replication)
      try await scenario.record(["1", "2"])
      try await scenario.want(["a"], at: 1, havingRead: start + 2)
      #expect(try await catalog.position(of: .replication) == start + 2)
      #expect(try await scenario.due(at: 1).count == 1)
    },
    CatalogSuite("a job that failed waits until its time, or until it is wished for again") { scenario in
      let catalog = scenario.catalog
      try await scenario.pushImage(["config"])
      try await scenario.want(["a", "b", "c"], at: 1)
      let jobs = try await scenario.due(at: 1)
      try await catalog.putOffReplication(jobs[0], until: Timestamp(milliseconds: 100), because: "down")
      try await catalog.putOffReplication(jobs[1], until: nil, because: "impossible")
      try await scenario.want(["c"], at: 2)
      try await catalog.putOffReplication(jobs[2], until: Timestamp(milliseconds: 100), because: "late")
      #expect(try await scenario.due(at: 99).map(\.id) == [jobs[2].id])
      let due = try await scenario.due(at: 100)
      #expect(due.map(\.id) == [jobs[2].id, jobs[0].id])
      #expect(due.map(\.lastError) == ["late", "down"] && due.map(\.attempts) == [1, 1])
      try await scenario.want(["b"], at: 3)
      #expect(try await scenario.due(at: 3).map(\.id) == [jobs[2].id, jobs[1].id])
      let backlog = try await catalog.replicationBacklogs(of: [.sample, .other])
      #expect(backlog == [.sample: ReplicationBacklog(pending: 3, failing: 3, oldest: Timestamp(milliseconds: 1))])
    },
    CatalogSuite("each rule gets the jobs that are due for longest, as many as it asks for") { scenario in
      try await scenario.pushImage(["config"])
      for (number, tag) in ["c", "b", "a"].enumerated() { try await scenario.want([tag], at: Int64(number)) }
      try await scenario.want(["x", "y"], of: .other, at: 0)
      let due = try await scenario.catalog.dueReplications(
        [.sample: 2, .other: 1], at: Timestamp(milliseconds: 9))
      #expect(
        due.filter { $0.wanted.rule == .sample }.map(\.wanted.reference) == [.tag(.named("c")), .tag(.named("b"))])
      #expect(due.count { $0.wanted.rule == .other } == 1)
      #expect(try await scenario.catalog.dueReplications([:], at: .farFuture) == [])
      let all = try await scenario.catalog.replicationJobs(of: .sample, after: nil, limit: 2)
      let rest = try await scenario.catalog.replicationJobs(of: .sample, after: all.last?.id, limit: 2)
      #expect((all + rest).map(\.wanted.reference) == ["c", "b", "a"].map { .tag(.named($0)) })
    },
    CatalogSuite("of a rule that is gone nothing stays, and of others when they were carried out") { scenario in
      let catalog = scenario.catalog
      try await scenario.pushImage(["config"])
      let new = try await catalog.keepReplications(of: [.sample, .other])
      #expect(new == [.sample: Reconciliation(), .other: Reconciliation()])
      try await scenario.want(["a"], at: 1)
      try await scenario.want(["a"], of: .other, at: 1)
      try await catalog.requestReconciliation(of: .sample, at: Timestamp(milliseconds: 5), by: .somebody)
      try await catalog.reconciled(.sample, begunAt: Timestamp(milliseconds: 6))
      let expected = Reconciliation(
        requestedAt: Timestamp(milliseconds: 5), reconciledAt: Timestamp(milliseconds: 6))
      #expect(try await catalog.keepReplications(of: [.sample]) == [.sample: expected])
      #expect(try await catalog.replicationBacklogs(of: [.sample, .other]).keys.map(\.value) == ["sample"])
      let event = try #require(try await catalog.auditEvents(AuditQuery(limit: 1)).first)
      #expect(event.action == .replicationRun && event.subject == "sample" && event.actor == .somebody)
      #expect(try await catalog.keepReplications(of: []) == [:])
      #expect(try await catalog.replicationBacklogs(of: [.sample]) == [:])
    },
    CatalogSuite("what leads to a manifest are its tags, the indexes that list it and what it refers to") { scenario in
      let image = try await scenario.pushImage(["config"], tags: ["a", "b"])
      let index = Manifest.index([image])
      try await scenario.commit(index, tags: ["c"])
      let signature = try await scenario.pushImage(["config", "signature"], subject: index)
      let keepers = { try await scenario.catalog.keepers(of: $0, in: scenario.repository) }
      let ofImage = try await keepers(image.digest)
      #expect(Set(ofImage.tags) == [.named("a"), .named("b")] && ofImage.manifests == [index.digest])
      #expect(try await keepers(signature.digest) == ManifestKeepers(tags: [], manifests: [index.digest]))
      try await scenario.delete(index)
      #expect(try await keepers(image.digest).manifests == [])
    },
    CatalogSuite("a tag made of a digest is about the manifest with that, however much of it the tag says") {
      scenario in
      let image = Manifest.image(["config"])
      let long = Digest.of(image.bytes, algorithm: .sha512)
      try await scenario.pushBlob("config")
      try await scenario.commit(image, as: long)
      let subjects = { try await scenario.catalog.subjects(of: .named($0), in: scenario.repository) }
      #expect(try await subjects("sha256-\(image.digest.hex).sig") == [image.digest])
      #expect(try await subjects(Tag(referrersOf: long).value) == [long])
      #expect(try await subjects("sha512-\(long.hex.prefix(100)).sig") == [long])
      #expect(try await subjects("sha512-\(String(repeating: "0", count: 100))") == [])
      #expect(try await subjects("latest") == [])
    },
  ]
}

extension ReplicationRuleName {
  fileprivate static let sample = try! ReplicationRuleName(parsing: "sample")
  fileprivate static let other = try! ReplicationRuleName(parsing: "other")
}

extension CatalogScenario {
  func record(_ subjects: [String]) async throws {
    try await catalog.record(
      subjects.map { AuditEvent(at: .farPast, actor: .somebody, action: .pull, outcome: .denied, subject: $0) })
  }

  /// Wishes for tags one after the other, so that their jobs have the tags' order.
  fileprivate func want(
    _ tags: [String], of rule: ReplicationRuleName = .sample, at moment: Int64, havingRead event: Int64? = nil
  ) async throws {
    for tag in tags {
      try await catalog.queueReplications(
        [WantedReplication(rule: rule, repository: repository, reference: .tag(.named(tag)))],
        at: Timestamp(milliseconds: moment), havingRead: event)
    }
  }

  fileprivate func due(at moment: Int64) async throws -> [ReplicationJob] {
    try await catalog.dueReplications([.sample: 9], at: Timestamp(milliseconds: moment))
  }
}
