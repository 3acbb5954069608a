internal import BlobStorage
internal import Catalog
internal import NIOCore
internal import OCI

extension Replication {
  /// How many steps lie at the most between what refers to an image and the image's tag.
  private static let longestWay = 8
  /// The longest config that is read for its labels, in bytes.
  private static let longestConfig: Int64 = 4 << 20

  /// Whether a rule wants a manifest of a repository that it covers.
  func wants(
    _ manifest: StoredManifest, as reference: Reference, in repository: RepositoryName, of rule: ReplicationRule
  ) async throws -> Bool {
    switch reference {
    case .tag(let tag):
      guard rule.covers(tag) else { return false }
      guard DigestTag(tag) != nil else { return try await hasLabels(manifest, in: repository, of: rule) }
      let subjects = try await registry.catalog.subjects(of: tag, in: repository)
      return try await wants(whatRefersTo: subjects, in: repository, of: rule)
    case .digest(let digest):
      return try await wants(whatRefersTo: [digest], in: repository, of: rule)
    }
  }

  /// Whether a wanted tag leads to one of some manifests, over indexes that list it and manifests that it refers to.
  private func wants(
    whatRefersTo digests: [Digest], in repository: RepositoryName, of rule: ReplicationRule
  ) async throws -> Bool {
    guard rule.referrers else { return false }
    if rule.tags.isEverything && rule.labels.isEmpty { return true }
    var (seen, next) = (Set(digests), digests)
    for _ in 0..<Self.longestWay {
      var found: [Digest] = []
      for digest in next {
        let keepers = try await registry.catalog.keepers(of: digest, in: repository)
        for tag in keepers.tags where DigestTag(tag) == nil && rule.tags.contains(tag) {
          guard let manifest = try await registry.storedManifest(.tag(tag), in: repository) else { continue }
          if try await hasLabels(manifest, in: repository, of: rule) { return true }
        }
        found += keepers.manifests.filter { seen.insert($0).inserted }
      }
      next = found
    }
    return false
  }

  /// Whether an image has the labels that a rule asks for; of an index one image has to.
  private func hasLabels(
    _ stored: StoredManifest, in repository: RepositoryName, of rule: ReplicationRule, depth: Int = 0
  ) async throws -> Bool {
    guard !rule.labels.isEmpty else { return true }
    let manifest = try Manifest(parsing: stored.bytes, contentType: stored.mediaType)
    if let config = manifest.config {
      guard let labels = try await labels(config, in: repository) else { return false }
      return rule.labels.allSatisfy { name, pattern in labels[name].map { pattern.matches($0) } ?? false }
    }
    guard depth < Self.longestWay else { return false }
    for entry in manifest.entries where entry.mediaType.manifestKind != nil {
      guard let image = try await registry.storedManifest(.digest(entry.digest), in: repository) else { continue }
      if try await hasLabels(image, in: repository, of: rule, depth: depth + 1) { return true }
    }
    return false
  }

  /// The labels of a config; nil for one that is no image's.
  private func labels(_ config: Descriptor, in repository: RepositoryName) async throws -> [String: String]? {
    guard config.size <= Self.longestConfig else { return nil }
    let blob = try await registry.blob(config.digest, in: repository)
    let read: Result<[UInt8], any Error>
    do {
      read = .success(Array(buffer: try await blob.read(from: 0, count: Int(config.size))))
    } catch {
      read = .failure(error)
    }
    await blob.close()
    do {
      return try ImageConfig(parsing: try read.get()).labels
    } catch is InvalidManifest {
      return nil
    }
  }
}
