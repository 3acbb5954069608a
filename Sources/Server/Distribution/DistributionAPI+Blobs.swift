import Access
import BlobStorage
import HTTPTypes
import NIOCore
import OCI
import Registry

extension DistributionAPI {
  func blob(_ name: RepositoryName, _ digest: Digest, _ call: Call) async throws(RegistryError) -> Answer {
    switch call.method {
    case .delete:
      try await registry.deleteBlob(digest, from: name, by: call.caller.actor)
      return Answer(.accepted)
    case .head:
      return head(of: digest, size: try await mirror.blobSize(digest, in: name), call)
    default:
      return try await getBlob(name, digest, call)
    }
  }

  /// What a `GET` would say, from the catalogue alone.
  private func head(of digest: Digest, size: Int64, _ call: Call) -> Answer {
    var answer = Answer(.ok, fields: fields(of: digest))
    if matches(call.headers[.ifNoneMatch], entityTag(of: digest)) {
      answer.status = .notModified
    } else {
      answer.fields[.contentLength] = String(size)
    }
    return answer
  }

  private func getBlob(_ name: RepositoryName, _ digest: Digest, _ call: Call) async throws(RegistryError) -> Answer {
    let blob = try await mirror.blob(digest, in: name)
    var answer = Answer(.ok, fields: fields(of: digest))
    do {
      if matches(call.headers[.ifNoneMatch], entityTag(of: digest)) {
        answer.status = .notModified
      } else if let range = try range(asked: call, of: blob.size, digest: digest) {
        answer.status = .partialContent
        answer.fields[.contentRange] = "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(blob.size)"
        answer.body = .blob(blob, range)
        return answer
      } else {
        answer.body = .blob(blob, 0..<blob.size)
        return answer
      }
    } catch {
      await blob.close()
      throw error
    }
    await blob.close()
    return answer
  }

  private func entityTag(of digest: Digest) -> String { "\"\(digest)\"" }

  private func fields(of digest: Digest) -> HTTPFields {
    [
      .contentType: "application/octet-stream",
      .dockerContentDigest: digest.description,
      .eTag: entityTag(of: digest),
      .acceptRanges: "bytes",
      .cacheControl: "max-age=31536000, immutable",
      .xContentTypeOptions: "nosniff",
    ]
  }

  /// The bytes that are asked for, or nil where that is all of them.
  private func range(
    asked call: Call, of size: Int64, digest: Digest
  ) throws(RegistryError) -> Range<Int64>? {
    guard let header = call.headers[.range] else { return nil }
    // A validator that is not the blob's says that the client has the beginning of something else.
    if let validator = call.headers[.ifRange], validator != entityTag(of: digest) { return nil }
    let asked: ByteRange?
    do {
      asked = try ByteRange.parse(header)
    } catch {
      throw RegistryError(.rangeInvalid, error.description, detail: ["size": String(size)])
    }
    guard let asked else { return nil }
    guard let range = asked.resolved(size: size) else {
      throw RegistryError(
        .rangeInvalid, "the blob has \(size) bytes, and none of them is in the range", detail: ["size": String(size)])
    }
    return range
  }
}
