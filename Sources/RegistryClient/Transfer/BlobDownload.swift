internal import AsyncHTTPClient
internal import Locks
internal import NIOCore
internal import NIOHTTP1
internal import OCI

/// The bytes of a blob from an offset on, asked for again from where they stopped when the connection ends.
struct BlobDownload: AsyncSequence, Sendable {
  typealias Element = ByteBuffer

  let repository: RemoteRepository
  let descriptor: Descriptor
  let offset: Int64
  /// The first answer, which the one iterator takes.
  let first: Locked<Answer?>

  func makeAsyncIterator() -> Iterator {
    let answer = first.withLock { first in
      defer { first = nil }
      return first
    }
    return Iterator(self, answer)
  }

  struct Iterator: AsyncIteratorProtocol {
    private let repository: RemoteRepository
    private let descriptor: Descriptor
    /// The offset of the next byte.
    private var position: Int64
    /// The bytes to pass over, of an answer that begins before the position.
    private var superfluous: Int64 = 0
    /// Hashes the bytes where they are the whole.
    private let hash: TrailingHash?
    private var source: Source?
    /// How many attempts were made since the last byte.
    private var attempts = 1
    private var isAtEnd = false

    private struct Source {
      var body: HTTPClientResponse.Body.AsyncIterator
      let host: String
      let address: WebAddress
      /// What tells whether the content is still the same (RFC 9110, section 8.8.3), where it is strong.
      let entityTag: String?
    }

    fileprivate init(_ download: BlobDownload, _ answer: Answer?) {
      repository = download.repository
      descriptor = download.descriptor
      position = download.offset
      hash = download.offset == 0 ? TrailingHash(download.descriptor.digest.algorithm) : nil
      if let answer { take(answer) }
    }

    private mutating func take(_ answer: Answer) {
      let tag = answer.headers.first(name: "ETag")
      superfluous = answer.status == 206 ? 0 : position
      source = Source(
        body: answer.body.makeAsyncIterator(), host: answer.address.origin.description, address: answer.address,
        entityTag: tag.flatMap { $0.hasPrefix("W/") ? nil : $0 })
    }

    mutating func next() async throws -> ByteBuffer? {
      while !isAtEnd {
        let failure: RegistryClientError
        do {
          if let buffer = try await source?.body.next() {
            guard let buffer = try await accept(buffer) else { continue }
            return buffer
          }
          guard position < descriptor.size else {
            try await finish()
            return nil
          }
          failure = incomplete("its answer ended")
        } catch {
          try Task.checkCancellation()
          let host = source?.host ?? repository.host.description
          guard let known = RegistryClientError(transport: error, host: host) ?? (error as? RegistryClientError),
            known.isTransient
          else { throw error }
          failure = known
        }
        try await reconnect(after: failure)
      }
      return nil
    }

    /// Counts and hashes bytes; nil where all are passed over.
    private mutating func accept(_ received: ByteBuffer) async throws -> ByteBuffer? {
      var buffer = received
      if superfluous > 0 {
        let count = Int(Swift.min(superfluous, Int64(buffer.readableBytes)))
        buffer.moveReaderIndex(forwardBy: count)
        superfluous -= Int64(count)
      }
      guard buffer.readableBytes > 0 else { return nil }
      position += Int64(buffer.readableBytes)
      guard position <= descriptor.size else {
        isAtEnd = true
        source = nil
        throw mismatch("it gave more than the \(descriptor.size) bytes of \(descriptor.digest)")
      }
      attempts = 0
      await hash?.take(buffer)
      return buffer
    }

    /// Verifies the whole where all of it passed through here.
    private mutating func finish() async throws {
      isAtEnd = true
      let host = source?.host
      source = nil
      if let actual = await hash?.digest(), actual != descriptor.digest {
        throw mismatch("its bytes are \(actual), not \(descriptor.digest)", host: host)
      }
    }

    private func mismatch(_ reason: String, host: String? = nil) -> RegistryClientError {
      let host = host ?? source?.host ?? repository.host.description
      return RegistryClientError(
        .digestMismatch, "\(host) did not give the blob \(descriptor.digest) of \(repository.name): \(reason)",
        host: host)
    }

    private func incomplete(_ reason: String) -> RegistryClientError {
      let host = source?.host ?? repository.host.description
      return RegistryClientError(
        .unavailable,
        "\(host) did not give the blob \(descriptor.digest) of \(repository.name) whole: \(reason) after "
          + "\(position) of \(descriptor.size) bytes", host: host)
    }

    /// Asks for the rest, after a pause, and as often as the policy allows without one byte of progress.
    private mutating func reconnect(after first: RegistryClientError) async throws {
      let (host, tag, address) = (source?.host, source?.entityTag, source?.address)
      source = nil
      var failure = first
      while true {
        let policy = repository.session.configuration.retries
        if attempts > 0 {
          guard
            try await repository.session.pause(after: attempts, of: policy, retryAfter: failure.retryAfter)
          else { throw failure }
        }
        attempts += 1
        do {
          let answer = try await repository.blobAnswer(
            descriptor, from: position, ifTag: address?.origin.description == host ? tag : nil, retries: .once)
          take(answer)
          return
        } catch let error as RegistryClientError where error.isTransient {
          failure = error
        }
      }
    }
  }
}
