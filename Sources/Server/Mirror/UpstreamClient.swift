import NIOCore
import OCI
import Registry
import RegistryClient

/// An upstream that is asked over HTTP.
struct UpstreamClient: Upstream {
  let client: RegistryClient
  let host: RegistryHost

  func digest(of tag: Tag, in repository: RepositoryName) async throws(UpstreamFailure) -> Digest? {
    try await asking { try await client.repository(repository, at: host).head(.tag(tag))?.digest }
  }

  func manifest(_ reference: Reference, in repository: RepositoryName) async throws(UpstreamFailure) -> Manifest? {
    try await asking { try await client.repository(repository, at: host).manifest(reference) }
  }

  func blobSize(_ digest: Digest, in repository: RepositoryName) async throws(UpstreamFailure) -> Int64? {
    try await asking { try await client.repository(repository, at: host).hasBlob(digest) }
  }

  func blob(
    _ digest: Digest, size: Int64, in repository: RepositoryName
  ) async throws(UpstreamFailure) -> (any AsyncSequence<ByteBuffer, any Error> & Sendable)? {
    let descriptor = Descriptor(mediaType: .octetStream, digest: digest, size: size)
    return try await asking {
      do {
        return UpstreamBytes(bytes: try await client.repository(repository, at: host).blob(descriptor))
      } catch let error as RegistryClientError where error.code == .notFound {
        return nil
      }
    }
  }

  private func asking<Answer>(_ question: () async throws -> Answer) async throws(UpstreamFailure) -> Answer {
    do {
      return try await question()
    } catch {
      throw UpstreamFailure(error)
    }
  }
}

/// The bytes of a blob, whose failures are the upstream's.
private struct UpstreamBytes: AsyncSequence, Sendable {
  let bytes: ByteStream

  struct Iterator: AsyncIteratorProtocol {
    var bytes: ByteStream.AsyncIterator

    mutating func next() async throws -> ByteBuffer? {
      do {
        return try await bytes.next()
      } catch is CancellationError {
        throw CancellationError()
      } catch {
        throw UpstreamFailure(error)
      }
    }
  }

  func makeAsyncIterator() -> Iterator { Iterator(bytes: bytes.makeAsyncIterator()) }
}

extension UpstreamFailure {
  /// What a client's failure says about the upstream.
  init(_ error: any Error) {
    guard let error = error as? RegistryClientError else {
      self.init(.unavailable, "\(error)")
      return
    }
    let kind: Kind =
      switch error.code {
      case .tooManyRequests: .limited
      case .unauthorized, .denied, .blocked, .notFound: .refused
      case .unavailable, .tls: .unavailable
      case .digestMismatch, .invalidAnswer, .unsupported, .refused: .wrong
      }
    self.init(kind, error.message, retryAfter: error.retryAfter)
  }
}
