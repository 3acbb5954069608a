public import Catalog
public import OCI

/// A tag that was rolled back, or did not have to be.
public struct RolledBackTag: Hashable, Sendable {
  /// What it names now.
  public let digest: Digest
  /// What it named before; nil where it named that already.
  public let from: Digest?
  /// The manifests that were restored from the trash for it.
  public let restored: [Digest]
}

extension Registry {
  /// Has a tag name again what it named before.
  ///
  /// - Throws: `MANIFEST_UNKNOWN` where there is no such tag, or nothing in its history to go back to; `DENIED`, 409,
  ///   where it is not what was expected; 410 where what it named is gone.
  public func rollBack(_ rollback: Rollback) async throws(RegistryError) -> RolledBackTag {
    let (tag, repository) = (rollback.tag, rollback.repository)
    let name = "\(repository):\(tag)"
    return try await reporting {
      switch try await catalog.rollBack(rollback) {
      case .moved(let from, let to, let restored):
        manifestCache.invalidate([.tag(tag)] + restored.map { .digest($0) }, in: repository)
        changes.raise()
        return RolledBackTag(digest: to, from: from, restored: restored)
      case .unchanged(let digest): return RolledBackTag(digest: digest, from: nil, restored: [])
      case .unexpected(let now): throw Self.unexpected(tag, repository, now: now, rollback.expected)
      case .noTag:
        throw RegistryError(
          .manifestUnknown, "there is no tag \(name) now; `berth restore` brings back what was deleted",
          detail: ["name": repository.value, "reference": tag.value])
      case .noPrevious:
        throw RegistryError(.manifestUnknown, "\(name) has never named anything but what it names now")
      case .notInHistory(let digest):
        throw RegistryError(
          .manifestUnknown,
          "\(name) has never named \(digest); `berth log` shows what it named, and `berth promote` sets tags to anything",
          detail: ["digest": digest.description])
      case .nothingThen(let found):
        guard case .moment(let moment) = rollback.target else { throw Self.neverSet(tag, repository) }
        throw Self.namedNothing(found, tag, repository, at: moment)
      case .gone(let digest): throw Self.gone(digest, repository)
      }
    }
  }

  static func unexpected(
    _ tag: Tag, _ repository: RepositoryName, now: Digest?, _ expected: ExpectedDigest
  ) -> RegistryError {
    let name = "\(repository):\(tag)"
    let wanted =
      switch expected {
      case .digest(let digest): "\(digest) was expected"
      case .nothing, .anything: "no such tag was expected"
      }
    return RegistryError(
      .denied, now.map { "\(name) names \($0) now, and \(wanted)" } ?? "there is no \(name) now, and \(wanted)",
      detail: now.map { ["tag": tag.value, "digest": $0.description] } ?? ["tag": tag.value], status: 409)
  }

  /// 410, because it was there and never comes back by itself.
  static func gone(_ digest: Digest, _ repository: RepositoryName) -> RegistryError {
    RegistryError(
      .manifestUnknown, "\(digest) is not in \(repository) any more, nor in its trash: push it again",
      detail: ["name": repository.value, "digest": digest.description], status: 410)
  }
}
