import Catalog
import OCI
import TestSupport
import Testing

@testable import Registry

@Suite("The cache of manifests")
struct ManifestCacheTests {
  private let cache = ManifestCache(capacity: 64 << 10)
  private let tag = key(.tag(.named("latest")))

  @Test("reads a manifest once")
  func keeps() async throws {
    #expect(try await read(tag) == 1)
    #expect(try await read(tag) == 0)
  }

  @Test("does not keep that there was nothing")
  func nothing() async throws {
    #expect(try await cache.manifest(for: tag) { nil } == nil)
    #expect(try await read(tag) == 1)
  }

  @Test("does not keep a read that began before an invalidation")
  func staleRead() async throws {
    let old = try await cache.manifest(for: tag) {
      cache.invalidate([.tag(.named("latest"))], in: RegistryOnDisk.repository)
      return Self.manifest("old")
    }
    #expect(old == Self.manifest("old"))
    #expect(try await cache.manifest(for: tag) { Self.manifest("new") } == Self.manifest("new"))
  }

  @Test("forgets the tags and the digest of a manifest that was deleted, in its repository alone")
  func digest() async throws {
    let digest = Self.manifest("kept").digest
    let keys = [tag, Self.key(.digest(digest)), Self.key(.tag(.named("other")))]
    let elsewhere = Self.key(.digest(digest), in: "team/other")
    for forgotten in keys {
      for key in keys + [elsewhere] { _ = try await read(key) }
      cache.invalidate([.digest(digest)], in: RegistryOnDisk.repository)
      #expect(try await read(forgotten) == 1)
    }
    #expect(try await read(elsewhere) == 0)
  }

  @Test("does not let a tag come back with a digest that was forgotten and read again")
  func returningDigest() async throws {
    let digest = Self.manifest("kept").digest
    _ = try await read(tag)
    cache.invalidate([.digest(digest)], in: RegistryOnDisk.repository)
    #expect(try await read(Self.key(.digest(digest))) == 1)
    #expect(try await read(tag) == 1)
    #expect(try await read(tag) == 0)
  }

  @Test("forgets everything when it is told to")
  func everything() async throws {
    _ = try await read(tag)
    cache.invalidateAll()
    #expect(try await read(tag) == 1)
  }

  @Test("forgets what was not asked for while the capacity filled twice, and keeps what was")
  func bounded() async throws {
    let idle = Self.key(.tag(.named("idle")))
    _ = try await read(tag)
    _ = try await read(idle, name: "idle")
    for number in 0..<100 {
      _ = try await read(Self.key(.tag(.named("\(number)"))), name: "\(number)", bytes: 1024)
      #expect(try await read(tag) == 0)
    }
    #expect(try await read(idle, name: "idle") == 1)
  }

  @Test("does not keep a manifest that would push many others out")
  func large() async throws {
    _ = try await read(tag, bytes: 16 << 10)
    #expect(try await read(tag) == 1)
  }

  /// - Returns: how often the catalogue was asked.
  private func read(_ key: ManifestCache.Key, name: String = "kept", bytes: Int = 16) async throws -> Int {
    var reads = 0
    _ = try await cache.manifest(for: key) {
      reads += 1
      return Self.manifest(name, bytes: bytes)
    }
    return reads
  }

  private static func key(_ reference: Reference, in repository: String = "team/app") -> ManifestCache.Key {
    ManifestCache.Key(repository: .named(repository), reference: reference)
  }

  private static func manifest(_ name: String, bytes: Int = 16) -> StoredManifest {
    StoredManifest(digest: .blob(name), mediaType: .ociManifest, bytes: [UInt8](repeating: 0, count: bytes))
  }
}
