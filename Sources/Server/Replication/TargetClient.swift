import Images
import OCI
import Registry
import RegistryClient

/// A target of replication that is spoken to over HTTP.
struct TargetClient: ReplicationTarget {
  let client: RegistryClient
  let host: RegistryHost
  /// Where images come from.
  let registry: Registry

  func digest(of reference: Reference, in repository: RepositoryName) async throws(UpstreamFailure) -> Digest? {
    try await asking { try await remote(repository).head(reference)?.digest }
  }

  func tags(in repository: RepositoryName) async throws(UpstreamFailure) -> [Tag] {
    try await asking {
      do {
        return try await remote(repository).tags().all()
      } catch let error as RegistryClientError where error.code == .notFound {
        return []
      }
    }
  }

  func copy(
    _ reference: Reference, of repository: RepositoryName, to name: RepositoryName, withReferrers: Bool
  ) async throws(UpstreamFailure) -> ReplicationCopy {
    try await asking {
      var options = CopyOptions()
      options.referrers = withReferrers
      let source = LocalImages(registry: registry, repository: repository)
      let (image, names): (ImageName, [RefName]) =
        switch reference {
        case .tag(let tag): (.name(RefName(tag)), [RefName(tag)])
        case .digest(let digest): (.digest(digest), [])
        }
      let destination = CopyDestination(RemoteImages(remote(name)), names: names)
      let report = try await Copier(options).copy(image, from: source, to: [destination])
      if let failure = report.failure { throw failure }
      let (outcome, tally) = (report.destinations[0].outcome, report.destinations[0].tally)
      let wasThere = if case .upToDate = outcome { true } else { tally.manifests == 0 }
      return ReplicationCopy(digest: report.image.digest, bytes: tally.bytes, wasThere: wasThere)
    }
  }

  func delete(_ tag: Tag, in repository: RepositoryName) async throws(UpstreamFailure) -> TargetDeletion {
    try await asking {
      do {
        guard try await remote(repository).deleteAlone(tag) else {
          return .unsupported(
            "\(host) cannot delete a tag alone, and deleting its manifest would take other tags away: delete it there")
        }
        return .deleted
      } catch let error as ImagesError where error.code == .missing {
        return .absent
      }
    }
  }

  func delete(referrer: Digest, in repository: RepositoryName) async throws(UpstreamFailure) -> TargetDeletion {
    try await asking {
      guard try await remote(repository).manifest(.digest(referrer))?.subject != nil else { return .absent }
      return try await remote(repository).delete(manifest: .digest(referrer)) ? .deleted : .absent
    }
  }

  private func remote(_ repository: RepositoryName) -> RemoteRepository { client.repository(repository, at: host) }

  /// A target that lets nobody in is as good as one that is down: asking for the next thing does not help.
  private func asking<Answer>(_ question: () async throws -> Answer) async throws(UpstreamFailure) -> Answer {
    do {
      return try await question()
    } catch let error as RegistryClientError where error.code == .unauthorized {
      throw UpstreamFailure(.unavailable, error.message, retryAfter: error.retryAfter)
    } catch let error as RegistryClientError {
      throw UpstreamFailure(error)
    } catch {
      // What is wrong with an image here says nothing about the target.
      throw UpstreamFailure(.wrong, "\(error)")
    }
  }
}
