internal import NIOCore
internal import NIOHTTP1
public import OCI

extension RemoteRepository {
  /// The longest manifest that is read, in bytes; the specification has registries take as much.
  private static let longestManifest = 4 << 20
  /// How often a manifest is asked for again whose bytes are not those of its digest.
  private static let fetches = 3

  private static let accepted: HTTPHeaders = [
    "Accept": [
      MediaType.ociManifest, .ociIndex, .dockerManifest, .dockerManifestList, .ociArtifactManifest,
    ].map(\.value).joined(separator: ", ") + ", */*;q=0.1"
  ]

  /// Looks a manifest up without its bytes (OCI distribution spec, "Checking if content exists").
  ///
  /// Where the registry does not say the digest, the bytes are fetched and hashed.
  ///
  /// - Returns: nil where it is not there.
  public func head(_ reference: Reference) async throws -> Descriptor? {
    enum Found: Sendable {
      case nothing
      case descriptor(Descriptor)
      case somethingUntold
    }
    let request = request(
      .HEAD, "manifests/\(reference)", .pull, doing: "show \(name) \(reference)", headers: Self.accepted,
      reference: reference)
    let found = try await session.perform(request, at: host, accepting: [200, 404]) { answer -> Found in
      await answer.discard()
      guard answer.status == 200 else { return .nothing }
      guard let digest = try answer.contentDigest(),
        let size = answer.headers.first(name: "Content-Length").flatMap({ Int64($0) }), size >= 0,
        let type = try answer.contentType()
      else { return .somethingUntold }
      if case .digest(let asked) = reference, asked.algorithm == digest.algorithm, asked != digest {
        throw answer.invalid("it was asked for \(asked), and shows \(digest)")
      }
      if case .digest(let asked) = reference {
        return .descriptor(Descriptor(mediaType: type, digest: asked, size: size))
      }
      return .descriptor(Descriptor(mediaType: type, digest: digest, size: size))
    }
    switch found {
    case .nothing: return nil
    case .descriptor(let descriptor): return descriptor
    case .somethingUntold:
      guard let manifest = try await manifest(reference) else { return nil }
      let digest = Digest.of(manifest.bytes, algorithm: reference.algorithm)
      return Descriptor(mediaType: manifest.mediaType, digest: digest, size: Int64(manifest.bytes.count))
    }
  }

  /// Fetches a manifest; its bytes are those of the digest that was asked for, and of the one that the registry says.
  ///
  /// - Returns: nil where it is not there.
  public func manifest(_ reference: Reference) async throws -> Manifest? {
    let request = request(
      .GET, "manifests/\(reference)", .pull, doing: "give \(name) \(reference)", headers: Self.accepted,
      reference: reference)
    var fetch = 1
    while true {
      do {
        return try await session.perform(request, at: host, accepting: [200, 404]) { answer in
          guard answer.status == 200 else {
            await answer.discard()
            return nil
          }
          return try await Self.read(answer, as: reference)
        }
      } catch let error as RegistryClientError where error.code == .digestMismatch && fetch < Self.fetches {
        // What was corrupted on its way comes right when it is asked for again.
        fetch += 1
      }
    }
  }

  private static func read(_ answer: Answer, as reference: Reference) async throws -> Manifest {
    let bytes = try await answer.bytes(upTo: longestManifest)
    var said = [try answer.contentDigest()]
    if case .digest(let asked) = reference { said.append(asked) }
    for digest in said.compactMap({ $0 }) {
      let actual = Digest.of(bytes, algorithm: digest.algorithm)
      guard actual == digest else {
        throw RegistryClientError(
          .digestMismatch, "\(answer.address.origin) gave a manifest whose bytes are \(actual), not \(digest)",
          host: answer.address.origin.description, status: answer.status)
      }
    }
    do {
      return try Manifest(parsing: bytes, contentType: try answer.contentType())
    } catch let error as InvalidManifest {
      throw answer.invalid("\(error)")
    }
  }

  /// Puts a manifest as a tag or as its digest; what it refers to has to be there.
  ///
  /// Where the manifest has a subject and the registry does not know of referrers, the index of them is kept up as a
  /// tag (OCI distribution spec, "Pushing Manifests with Subject").
  public func put(_ manifest: Manifest, as reference: Reference) async throws {
    if case .digest(let digest) = reference {
      let actual = Digest.of(manifest.bytes, algorithm: digest.algorithm)
      guard actual == digest else {
        throw RegistryClientError(
          .digestMismatch, "a manifest whose digest is \(actual) was to be put as \(digest)", host: host.description)
      }
    }
    let knowsReferrers = try await putAlone(manifest, as: reference)
    if let subject = manifest.subject, !knowsReferrers {
      try await record(manifest.descriptor, asReferrerOf: subject.digest)
    }
  }

  /// Puts a manifest and nothing else.
  ///
  /// - Returns: whether the registry keeps the list of referrers itself.
  func putAlone(_ manifest: Manifest, as reference: Reference) async throws -> Bool {
    let request = request(
      .PUT, "manifests/\(reference)", .push, doing: "take \(name) \(reference)",
      headers: ["Content-Type": manifest.mediaType.value], body: .bytes(ByteBuffer(bytes: manifest.bytes)),
      reference: reference)
    return try await session.perform(request, at: host, accepting: [200, 201, 202]) { answer in
      await answer.discard()
      if let digest = try answer.contentDigest() {
        let actual = Digest.of(manifest.bytes, algorithm: digest.algorithm)
        guard actual == digest else {
          throw RegistryClientError(
            .digestMismatch, "\(answer.address.origin) stored \(digest) where \(actual) was put",
            host: answer.address.origin.description, status: answer.status)
        }
      }
      return answer.headers.contains(name: "OCI-Subject")
    }
  }
}

extension Answer {
  /// The digest that the registry says, nil where it says none in an algorithm that is known.
  ///
  /// - Throws: `RegistryClientError` for what is no digest.
  func contentDigest() throws -> Digest? {
    guard let text = headers.first(name: "Docker-Content-Digest"), !text.isEmpty else { return nil }
    do {
      return try Digest(parsing: text)
    } catch {
      throw invalid("its Docker-Content-Digest: \(error)")
    }
  }

  /// The type of the body.
  ///
  /// - Throws: `RegistryClientError` for what is no type.
  func contentType() throws -> MediaType? {
    guard let text = headers.first(name: "Content-Type"), !text.isEmpty else { return nil }
    do {
      return try MediaType(parsing: text)
    } catch {
      throw invalid("its Content-Type: \(error)")
    }
  }
}

extension Reference {
  /// The algorithm of the digest that it is, or else the one that registries take by themselves.
  fileprivate var algorithm: Digest.Algorithm {
    if case .digest(let digest) = self { digest.algorithm } else { .sha256 }
  }
}
