import OCI
import Registry
import TestSupport
import Testing

@Suite("The size of a mirror", .timeLimit(.minutes(10)))
struct MirrorEvictionTests {
  @Test("is kept within its limit by letting go of what was pulled least recently")
  func leastRecent() async throws {
    try await MirrorOnDisk.run { mirror in
      let names = ["a", "b", "c"].map { String(repeating: $0, count: 1_000) }
      for name in names {
        mirror.upstream.add([name], as: String(name.prefix(1)))
        _ = try await mirror.pull(String(name.prefix(1)))
        #expect(try await mirror.blob(name) == name)
      }
      mirror.time.set(.now + .seconds(3600))
      for tag in ["c", "a", "b"] {
        mirror.time.advance(by: .seconds(120))
        _ = try await mirror.pull(tag)
      }
      #expect(try await mirror.mirror.evict(downTo: 3_000) == 0)
      #expect(try await mirror.mirror.evict(downTo: 2_500) == 0, "what was pulled a moment ago is in use")
      mirror.time.advance(by: .seconds(700))
      #expect(try await mirror.mirror.evict(downTo: 2_500) == 1)
      #expect(try await mirror.mirror.mirroredBytes() == 2_000)
      let report = try await mirror.disk.registry.collectEverything()
      #expect(report.blobs == 1 && report.manifests == 1)

      let before = mirror.upstream.count(.blob)
      for name in names { #expect(try await mirror.blob(name) == name) }
      #expect(mirror.upstream.count(.blob) == before + 1, "the one that went is fetched again")
    }
  }
}
