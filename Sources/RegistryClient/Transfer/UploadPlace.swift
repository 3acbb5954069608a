internal import NIOCore
internal import NIOHTTP1
internal import OCI

/// An upload that a registry has begun: where it goes on, and how much of it is there.
struct UploadPlace: Sendable {
  /// Where the next request goes to, which each answer may change.
  let address: WebAddress
  /// The endpoint that the registry was asked at.
  let endpoint: RegistryEndpoint
  /// How many bytes the registry has.
  let offset: Int64

  /// Reads where an upload goes on from an answer to `POST`, which has no bytes yet, or to `GET`, which says how many.
  ///
  /// - Parameter address: where it goes on where the answer does not say it; nil where it has to.
  /// - Throws: `RegistryClientError` where the answer does not say it in a way that can be used.
  init(_ answer: Answer, at address: WebAddress? = nil) throws {
    self.address = try address ?? answer.location()
    endpoint = answer.endpoint
    offset = try Self.offset(answer) ?? 0
  }

  /// Reads where an upload goes on from an answer to a chunk; what is not said is as it was expected.
  init(_ answer: Answer, behind place: UploadPlace, sending length: Int64) throws {
    address = answer.headers.contains(name: "Location") ? try answer.location() : place.address
    endpoint = answer.endpoint
    offset = try Self.offset(answer) ?? place.offset + length
  }

  /// How many bytes `Range` says that there are. `0-0` is taken for none, because registries say so of an upload that
  /// has just begun, and nobody uploads a single byte and then stops.
  private static func offset(_ answer: Answer) throws -> Int64? {
    guard let text = answer.headers.first(name: "Range"), !text.isEmpty else { return nil }
    do {
      let range = try ChunkRange(parsing: text)
      guard range.first == 0 else { throw answer.invalid("its upload does not begin at 0") }
      return range.last == 0 ? 0 : range.last + 1
    } catch let error as InvalidByteRange {
      throw answer.invalid("its Range: \(error)")
    }
  }
}
