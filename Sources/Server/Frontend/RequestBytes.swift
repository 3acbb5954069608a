import HTTPTypes
import HummingbirdCore
import NIOCore
import OCI
import Synchronization

/// A request's body on its way to the registry: the client is told to send it when it is first asked for, and its bytes
/// are counted.
struct RequestBytes: AsyncSequence, Sendable {
  typealias Element = ByteBuffer
  typealias Failure = any Error

  private let request: Request
  private let channel: any Channel
  private let counter: ByteCounter

  init(_ request: Request, _ channel: any Channel, counter: ByteCounter) {
    self.request = request
    self.channel = channel
    self.counter = counter
  }

  func makeAsyncIterator() -> Iterator {
    counter.begin()
    channel.acceptBody(of: request)
    return Iterator(body: request.body.makeAsyncIterator(), counter: counter)
  }

  struct Iterator: AsyncIteratorProtocol {
    fileprivate var body: RequestBody.AsyncIterator
    fileprivate let counter: ByteCounter

    mutating func next() async throws -> ByteBuffer? {
      do {
        let bytes = try await body.next()
        if let bytes { counter.add(bytes.readableBytes) }
        return bytes
      } catch {
        throw RegistryError(.sizeInvalid, "the body broke off: \(error)")
      }
    }
  }

  /// All of the body, unless it is larger than a limit.
  ///
  /// - Parameters:
  ///   - limit: in bytes.
  ///   - what: the body is to be.
  /// - Throws: `SIZE_INVALID` (413), where the client says so before a byte is read.
  func collect(upTo limit: Int, said what: String) async throws(RegistryError) -> [UInt8] {
    let tooLarge = RegistryError(
      .sizeInvalid, "\(what) has up to \(limit) bytes, and the body is larger",
      status: 413)
    if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > limit { throw tooLarge }
    var bytes: [UInt8] = []
    do {
      for try await buffer in self {
        guard bytes.count + buffer.readableBytes <= limit else { throw tooLarge }
        bytes.append(contentsOf: buffer.readableBytesView)
      }
    } catch let error as RegistryError {
      throw error
    } catch {
      throw RegistryError(.sizeInvalid, "the body broke off: \(error)")
    }
    return bytes
  }
}

/// How many bytes of a request's body were read.
final class ByteCounter: Sendable {
  private let bytes = Atomic<Int>(0)
  private let begun = Atomic<Bool>(false)

  /// Whether somebody began to read the body.
  var hasBegun: Bool { begun.load(ordering: .relaxed) }

  func begin() {
    begun.store(true, ordering: .relaxed)
  }

  var count: Int { bytes.load(ordering: .relaxed) }

  func add(_ count: Int) {
    bytes.add(count, ordering: .relaxed)
  }
}
