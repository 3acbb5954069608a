import BlobStorage
import NIOCore
import OCI
import Registry
import TestSupport
import Testing

@Suite("Blobs of a mirror", .timeLimit(.minutes(10)))
struct MirrorBlobTests {
  @Test("are fetched once, whoever asks at the same time, and are the image's from then on")
  func fetchedOnce() async throws {
    try await MirrorOnDisk.run { mirror in
      let names = ["config", String(repeating: "layer ", count: 50_000), "small"]
      mirror.upstream.add(names, as: "latest")
      _ = try await mirror.pull("latest")
      try await withThrowingTaskGroup(of: Bool.self) { group in
        for number in 0..<50 { group.addTask { try await mirror.blob(names[number % 3]) == names[number % 3] } }
        for try await isWhole in group { #expect(isWhole) }
      }
      #expect(mirror.upstream.count(.blob) == 3 && mirror.upstream.count(.size) == 0)
      mirror.upstream.change { $0.failure = UpstreamFailure(.unavailable, "down") }
      for name in names { #expect(try await mirror.blob(name) == name) }
      #expect(try await mirror.disk.registry.collectEverything().blobs == 0, "the manifest needs them")
      for name in names { #expect(try await mirror.blob(name) == name) }
    }
  }

  @Test("can be read while they come, but for the last byte")
  func readWhileComing() async throws {
    try await MirrorOnDisk.run { mirror in
      let name = String(repeating: "x", count: 900_000)
      let hold = Signal()
      mirror.upstream.add([name])
      mirror.upstream.change { $0.hold = hold }
      let blob = try await mirror.mirror.blob(.blob(name), in: MirrorOnDisk.repository)
      #expect(blob.size == 900_000 && blob.file == nil)
      let first = try await blob.read(from: 0, count: 100_000)
      #expect(first.readableBytes >= 64 << 10 && first.readableBytes <= 100_000)
      #expect(mirror.mirror.fetchCount == 1)
      async let end = blob.read(from: 899_990, count: 100)
      hold.send()
      #expect(try await end.readableBytes == 10)
      #expect(try await blob.readToEnd() == Array(name.utf8))
    }
  }

  @Test("go on coming when nobody reads them any more")
  func unattended() async throws {
    try await MirrorOnDisk.run { mirror in
      let name = String(repeating: "x", count: 300_000)
      let hold = Signal()
      mirror.upstream.add([name])
      mirror.upstream.change { $0.hold = hold }
      let blob = try await mirror.mirror.blob(.blob(name), in: MirrorOnDisk.repository)
      await blob.close()
      hold.send()
      while mirror.mirror.fetchCount > 0 { await shortPause() }
      #expect(try await mirror.disk.pull(.blob(name), from: MirrorOnDisk.repository)?.count == 300_000)
      #expect(mirror.upstream.count(.blob) == 1)
    }
  }

  @Test(
    "that are wrong or cut off reach nobody whole, are not stored, and are fetched anew the next time",
    arguments: [true, false])
  func broken(isWrong: Bool) async throws {
    try await MirrorOnDisk.run { mirror in
      let name = String(repeating: "x", count: 300_000)
      mirror.upstream.add([name], as: "latest")
      _ = try await mirror.pull("latest")
      mirror.upstream.change { state in
        if isWrong { state.wrong[.blob(name)] = Array(repeating: 0, count: 300_000) } else { state.breaksOff = 200_000 }
      }
      await #expect(throws: (any Error).self) { _ = try await mirror.blob(name) }
      while mirror.mirror.fetchCount > 0 { await shortPause() }
      #expect(try await mirror.disk.storedDigests() == [])
      #expect(try await mirror.disk.store.stagedUploads() == [])
      mirror.upstream.change { state in
        state.wrong = [:]
        state.breaksOff = nil
      }
      mirror.time.advance(by: .seconds(10))
      #expect(try await mirror.blob(name) == name)
    }
  }

  @Test("that are empty are not taken for empty before that is known")
  func empty() async throws {
    try await MirrorOnDisk.run { mirror in
      mirror.upstream.add(["", "config"], as: "latest")
      _ = try await mirror.pull("latest")
      mirror.upstream.change { $0.wrong[.blob("")] = [1] }
      await expectRefusal(.unavailable, status: 502) { _ = try await mirror.blob("") }
      mirror.upstream.change { $0.wrong = [:] }
      while mirror.mirror.fetchCount > 0 { await shortPause() }
      #expect(try await mirror.blob("") == "")
    }
  }

  @Test("have the size that the manifest says, without asking the upstream")
  func size() async throws {
    try await MirrorOnDisk.run { mirror in
      mirror.upstream.add(["config", "layer"], as: "latest")
      _ = try await mirror.pull("latest")
      #expect(try await mirror.mirror.blobSize(.blob("layer"), in: MirrorOnDisk.repository) == 5)
      #expect(mirror.upstream.total == 1)
    }
  }

  @Test("that no manifest here names are asked for at the upstream, and absence is remembered")
  func unknownHere() async throws {
    try await MirrorOnDisk.run { mirror in
      mirror.upstream.add(["config"])
      let size = try await mirror.mirror.blobSize(.blob("config"), in: MirrorOnDisk.repository)
      #expect(size == 6)
      #expect(try await mirror.blob("config") == "config")
      for _ in 0..<3 {
        await expectRefusal(.blobUnknown) { _ = try await mirror.blob("absent") }
        await expectRefusal(.blobUnknown) {
          _ = try await mirror.mirror.blobSize(.blob("absent"), in: MirrorOnDisk.repository)
        }
      }
      #expect(mirror.upstream.count(.size) == 3 && mirror.upstream.count(.blob) == 1)
    }
  }

  @Test("of another repository of the upstream are not fetched again, once it says that this one has them, too")
  func otherRepository() async throws {
    try await MirrorOnDisk.run { mirror in
      let other = RepositoryName.named("docker.io/library/other")
      mirror.upstream.add(["base", "a"], as: "latest")
      _ = try await mirror.pull("latest")
      #expect(try await mirror.blob("base") == "base")
      await expectRefusal(.blobUnknown) { _ = try await mirror.blob(.blob("base"), in: other) }
      mirror.time.advance(by: .seconds(30))
      mirror.upstream.add(["base", "b"], to: "library/other")
      #expect(try await mirror.blob(.blob("base"), in: other) == Array("base".utf8))
      #expect(mirror.upstream.count(.blob) == 1)
    }
  }

  @Test("that were pushed here are not given to who mirrors a manifest that names them")
  func localBlob() async throws {
    try await MirrorOnDisk.run { mirror in
      try await mirror.disk.push("secret")
      mirror.upstream.add(.image(["secret"]), as: "latest")
      _ = try await mirror.pull("latest")
      await expectRefusal(.blobUnknown) { _ = try await mirror.blob("secret") }
    }
  }

  @Test("that were lost are fetched again")
  func lost() async throws {
    try await MirrorOnDisk.run { mirror in
      mirror.upstream.add(["config", "layer"], as: "latest")
      _ = try await mirror.pull("latest")
      #expect(try await mirror.blob("layer") == "layer")
      try await mirror.disk.store.remove(.blob("layer"))
      _ = try await mirror.disk.examine(repairing: true)
      #expect(try await mirror.blob("layer") == "layer")
    }
  }
}

extension Registry {
  /// Collects as if it were tomorrow.
  func collectEverything() async throws -> Collector.Report {
    let tomorrow = Collector.Policy(grace: .seconds(-86_400), uploadExpiry: .seconds(-86_400), untaggedAfter: nil)
    return try await Collector(registry: self, policy: tomorrow).collect(tomorrow)
  }
}
