import Images
import NIOCore
import OCI
import RegistryClient
import TestSupport

/// An image of any size that takes no memory: the bytes of its layers are made when they are read.
struct GeneratedImage: ImageSource {
  /// The bytes of a layer from a place on.
  private struct Layer: AsyncSequence, Sendable {
    /// What each piece holds, but for its number in front.
    let piece: [UInt8]
    let count: Int
    var offset = 0

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(layer: self, position: offset) }

    struct AsyncIterator: AsyncIteratorProtocol {
      let layer: Layer
      var position: Int

      mutating func next() async -> ByteBuffer? {
        let (number, superfluous) = position.quotientAndRemainder(dividingBy: layer.piece.count)
        guard number < layer.count else { return nil }
        var buffer = ByteBuffer(bytes: layer.piece)
        buffer.setInteger(UInt64(number), at: 0)
        buffer.moveReaderIndex(forwardBy: superfluous)
        position += buffer.readableBytes
        return buffer
      }
    }
  }

  let place = "what was generated"
  let image: Manifest
  /// The layers' digests, in their order.
  let digests: [Digest]
  private let layers: [Digest: Layer]
  private let config: [UInt8]

  /// Makes an image with so many layers of so many MiB each.
  init(layers count: Int, mebibytes: Int) async throws {
    var layers: [Digest: Layer] = [:]
    var digests: [Digest] = []
    for _ in 0..<count {
      let layer = Layer(piece: Sample.newBytes(1 << 20), count: mebibytes)
      var hasher = Digest.Hasher(.sha256)
      for await buffer in layer { buffer.withUnsafeReadableBytes { hasher.update($0) } }
      digests.append(hasher.finalize())
      layers[digests[digests.count - 1]] = layer
    }
    let list = digests.map { digest in
      #"{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"\#(digest)","size":\#(mebibytes << 20)}"#
    }
    config = Array(
      """
      {"os":"linux","architecture":"amd64","rootfs":{"type":"layers",\
      "diff_ids":[\(digests.map { "\"\($0)\"" }.joined(separator: ","))]}}
      """.utf8)
    let text = """
      {"schemaVersion":2,"mediaType":"\(MediaType.ociManifest)",\
      "config":\(Sample.descriptor("application/vnd.oci.image.config.v1+json", config)),\
      "layers":[\(list.joined(separator: ","))]}
      """
    image = try Manifest(parsing: Array(text.utf8), contentType: .ociManifest)
    self.digests = digests
    self.layers = layers
  }

  func resolve(_ name: ImageName?) -> Descriptor? { image.descriptor }

  func manifest(_ descriptor: Descriptor) -> Manifest? { image }

  func blob(_ descriptor: Descriptor, from offset: Int64) -> ByteStream {
    if var layer = layers[descriptor.digest] {
      layer.offset = Int(offset)
      return ByteStream(layer)
    }
    let (pieces, input) = AsyncStream.makeStream(of: ByteBuffer.self)
    input.yield(ByteBuffer(bytes: config[Int(offset)...]))
    input.finish()
    return ByteStream(pieces)
  }

  func referrers(of digest: Digest) -> [Descriptor] { [] }
}
