import Images
import NIOHTTP1
import OCI
import RegistryClient
import Testing
import TestSupport

@Suite(.liveServer) struct RegistryCopyTests {
  private let tag = try! RefName(parsing: "v1")

  private func withClient(_ body: (RegistryClient) async throws -> Void) async throws {
    let client = try RegistryClient(RegistryClientConfiguration())
    do {
      try await body(client)
    } catch {
      try await client.shutdown()
      throw error
    }
    try await client.shutdown()
  }

  private func location(
    _ suffix: String, in repository: String = LiveServer.newRepository()
  ) throws -> ImageLocation {
    try ImageLocation(parsing: "127.0.0.1:\(LiveServer.current.port)/\(repository)\(suffix)")
  }

  private func copy(
    _ source: any ImageSource, to locations: [ImageLocation], _ client: RegistryClient,
    _ options: CopyOptions = CopyOptions()
  ) async throws -> CopyReport {
    let destinations = try await CopyDestination.destinations(locations, client)
    let report = try await Copier(options).copy(.name(tag), from: source, to: destinations)
    if let failure = report.failure { throw failure }
    return report
  }

  private func sample() throws -> SampleImage {
    try .index([
      try .image(
        layers: [Sample.newBytes(3 << 20), Sample.newBytes(10)], platform: try Platform(parsing: "linux/amd64")),
      try .image(platform: try Platform(parsing: "linux/arm64")),
    ])
  }

  @Test func `an image goes from a layout through the registry to a layout, and its digests stay`() async throws {
    try await withTemporaryFolder { folder in
      try await withClient { client in
        let index = try sample()
        var source: any ImageSource = MemoryImages([("v1", index)])
        for round in 1...3 {
          let steps = [
            try ImageLocation(parsing: "oci:\(folder)/\(round):v1"), try location(":v1"),
            try ImageLocation(parsing: "oci-archive:\(folder)/\(round).tar:v1"),
          ]
          for step in steps {
            let report = try await copy(source, to: [step], client)
            #expect(report.image.digest == index.descriptor.digest)
            source = try await step.source(client)
          }
        }
        let report = try await ImageCheck().run(.name(tag), in: source)
        #expect(report.isSound)
        #expect(report.blobs == index.blobs.count)
      }
    }
  }

  @Test func `within one registry blobs are mounted, and no bytes go`() async throws {
    try await withClient { client in
      let index = try sample()
      let (first, second) = (try location(":v1"), try location(":v1"))
      _ = try await copy(MemoryImages([("v1", index)]), to: [first], client)
      let report = try await copy(try await first.source(client), to: [second], client)
      let tally = report.destinations[0].tally
      #expect((tally.mounted, tally.written, tally.bytes) == (index.blobs.count, 0, 0))
      let again = try await copy(try await first.source(client), to: [second], client)
      guard case .upToDate = again.destinations[0].outcome else {
        Issue.record("\(again.destinations[0].outcome)")
        return
      }
    }
  }

  @Test func `two names in one repository are one destination`() async throws {
    try await withClient { client in
      let image = try SampleImage.image()
      let repository = LiveServer.newRepository()
      let locations = [try location(":v1", in: repository), try location(":v2", in: repository)]
      let report = try await copy(MemoryImages([("v1", image)]), to: locations, client)
      #expect(report.destinations.count == 1)
      for location in locations {
        let found = try await location.source(client).resolve(location.name)
        #expect(found?.digest == image.descriptor.digest)
      }
    }
  }

  @Test func `a registry that cannot be reached does not stop the other target`() async throws {
    try await withClient { client in
      let image = try SampleImage.image()
      let good = try location(":v1")
      let retries = RetryPolicy(attempts: 1)
      let impatient = try RegistryClient(RegistryClientConfiguration(retries: retries))
      let bad = try ImageLocation(parsing: "127.0.0.1:1/nowhere:v1")
      let destinations = [
        CopyDestination(try await bad.target(impatient), names: [tag]),
        CopyDestination(try await good.target(client), names: [tag]),
      ]
      let report = try await Copier().copy(.name(tag), from: MemoryImages([("v1", image)]), to: destinations)
      try await impatient.shutdown()
      guard case .failed(let error) = report.destinations[0].outcome, case .copied = report.destinations[1].outcome
      else {
        Issue.record("\(report.destinations)")
        return
      }
      #expect("\(error)" == "127.0.0.1:1 cannot be reached: Connection refused")
      #expect(try await good.source(client).resolve(.name(tag))?.digest == image.descriptor.digest)
    }
  }

  @Test func `referrers come along from registry to registry`() async throws {
    try await withClient { client in
      let image = try SampleImage.image()
      let source = MemoryImages([("v1", image)])
      let signature = try SampleImage.image(subject: image.descriptor, artifactType: "application/x.signature")
      source.add(signature, refersTo: image.descriptor.digest)
      var options = CopyOptions()
      options.referrers = true
      let (first, second) = (try location(":v1"), try location(":v1"))
      _ = try await copy(source, to: [first], client, options)
      _ = try await copy(try await first.source(client), to: [second], client, options)
      let found = try await second.source(client).referrers(of: image.descriptor.digest)
      #expect(found.map(\.digest) == [signature.descriptor.digest])
    }
  }

  @Test func `a synchronisation copies what is wanted, prunes what is not, and has nothing to do then`() async throws {
    try await withClient { client in
      let (source, target) = (LiveServer.newRepository(), LiveServer.newRepository())
      let images = try ["1.0", "1.1", "2.0"].map { ($0, try SampleImage.image()) }
      for (name, image) in images {
        _ = try await copy(MemoryImages([("v1", image)]), to: [try location(":\(name)", in: source)], client)
      }
      for name in ["0.9", "mine"] {
        _ = try await copy(MemoryImages([("v1", try .image())]), to: [try location(":\(name)", in: target)], client)
      }
      let host = try RegistryHost(parsing: "127.0.0.1:\(LiveServer.current.port)")
      var rule = SyncRule(
        from: .repository(host, try RepositoryName(parsing: source)),
        to: .init(host: host, path: try RepositoryName(parsing: target)))
      rule.tags.versions = try VersionRange(parsing: "<2")
      rule.prunes = true
      let sync = Sync(client)
      let plan = try await sync.plan([rule])
      #expect(plan.copies.count == 2)
      #expect(plan.removals.compactMap(\.target.tag?.value) == ["0.9"])
      let report = try await sync.run(plan)
      #expect(report.faults.isEmpty)
      let there = try await client.repository(try RepositoryName(parsing: target), at: host).tags().all()
      #expect(Set(there.map(\.value)) == ["1.0", "1.1", "mine"])
      let again = try await sync.plan([rule])
      #expect(again.copies.allSatisfy { $0.isUpToDate })
      #expect(again.description.isEmpty)
    }
  }

  @Test func `a synchronisation with nothing new lists tags, and makes HEAD requests only`() async throws {
    let (source, target) = (LiveServer.newRepository(), LiveServer.newRepository())
    let names = (1...50).map { "1.\($0)" }
    for name in names {
      try await LiveServer.current.pushImage(to: source, as: name, extra: #","annotations":{"name":"\#(name)"}"#)
    }
    try await FaultyProxy.run(to: LiveServer.current.url) { proxy in
      try await withClient { client in
        let host = try RegistryHost(parsing: "127.0.0.1:\(proxy.port)")
        var rule = SyncRule(
          from: .repository(host, try RepositoryName(parsing: source)),
          to: .init(host: host, path: try RepositoryName(parsing: target)))
        rule.prunes = true
        let sync = Sync(client)
        let first = try await sync.run(try await sync.plan([rule]))
        #expect(first.steps.count == names.count && first.faults.isEmpty)
        let earlier = proxy.exchanges.count
        let second = try await sync.run(try await sync.plan([rule]))
        #expect(second.upToDate == names.count && second.steps.isEmpty && second.faults.isEmpty)
        let exchanges = proxy.exchanges[earlier...]
        let others = exchanges.filter { $0.method != .HEAD }
        #expect(others.allSatisfy { $0.method == .GET && $0.target.contains("/tags/list") })
        #expect(exchanges.count { $0.method == .HEAD } == 2 * names.count)
      }
    }
  }

  @Test func `a repository that is missing does not stop the others`() async throws {
    try await withClient { client in
      let (source, target) = (LiveServer.newRepository(), LiveServer.newRepository())
      _ = try await copy(MemoryImages([("v1", try .image())]), to: [try location(":1.0", in: source)], client)
      let host = try RegistryHost(parsing: "127.0.0.1:\(LiveServer.current.port)")
      let rules = try [LiveServer.newRepository(), source].map { name in
        SyncRule(
          from: .repository(host, try RepositoryName(parsing: name)),
          to: .init(host: host, path: try RepositoryName(parsing: target)))
      }
      let sync = Sync(client)
      let report = try await sync.run(try await sync.plan(rules))
      #expect(report.faults.count == 1)
      #expect(report.steps.count == 1)
    }
  }
}
