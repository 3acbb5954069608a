import Access
import Catalog
import HTTPTypes
import NIOCore
import OCI
import Registry

extension DistributionAPI {
  func manifest(
    _ name: RepositoryName, _ reference: Reference, _ call: Call
  ) async throws(RegistryError) -> Answer {
    switch call.method {
    case .put:
      return try await noting(.push, name, reference, call) { () async throws(RegistryError) in
        try await putManifest(name, reference, call)
      }
    case .delete:
      return try await noting(.delete, name, reference, call) { () async throws(RegistryError) in
        try await registry.deleteManifest(reference, from: name, by: call.caller.actor)
        return Answer(.accepted)
      }
    default: return try await getManifest(name, reference, call)
    }
  }

  /// Carries out a change, and has the audit trail tell where a rule or a hold forbade it.
  private func noting(
    _ action: AuditEvent.Action, _ name: RepositoryName, _ reference: Reference, _ call: Call,
    _ change: () async throws(RegistryError) -> Answer
  ) async throws(RegistryError) -> Answer {
    do {
      return try await change()
    } catch {
      if error.detail["rule"] != nil || error.detail["hold"] != nil {
        gate.control?.denials.note(
          call.caller.actor, action, repository: name.value, subject: reference.description, reason: error.message)
      }
      throw error
    }
  }

  private func getManifest(
    _ name: RepositoryName, _ reference: Reference, _ call: Call
  ) async throws(RegistryError) -> Answer {
    let pulled = try await mirror.manifest(reference, in: name)
    let manifest = pulled.manifest
    if call.method == .get { registry.pulls.note(manifest.digest, in: name) }
    let digest = manifest.digest.description
    let entityTag = "\"\(digest)\""
    var answer = Answer(.ok)
    answer.fields[.contentType] = manifest.mediaType.value
    answer.fields[.dockerContentDigest] = digest
    answer.fields[.eTag] = entityTag
    answer.fields[.xContentTypeOptions] = "nosniff"
    if pulled.isStale { answer.fields[.warning] = Self.staleWarning }
    if matches(call.headers[.ifNoneMatch], entityTag) {
      answer.status = .notModified
    } else {
      answer.body = .bytes(ByteBuffer(bytes: manifest.bytes))
    }
    return answer
  }

  /// What a cache says that could not ask whether an answer still holds (RFC 7234, section 5.5.1, which clients and
  /// proxies still know).
  private static let staleWarning = #"110 - "Response is Stale""#

  private func putManifest(
    _ name: RepositoryName, _ reference: Reference, _ call: Call
  ) async throws(RegistryError) -> Answer {
    let tags = try tags(in: call.query)
    let contentType = try contentType(of: call)
    let bytes = try await call.body.collect(
      upTo: maxManifestSize, said: "a manifest (by the setting max-manifest-size)")
    let pushed = try await registry.pushManifest(
      bytes, contentType: contentType, as: reference, tags: tags, to: name, by: call.caller.actor)
    var answer = Answer(.created)
    answer.fields[.location] = "/v2/\(name)/manifests/\(pushed.digest)"
    answer.fields[.dockerContentDigest] = pushed.digest.description
    answer.fields[.ociSubject] = pushed.subject?.description
    for tag in tags { answer.fields.append(HTTPField(name: .ociTag, value: tag.value)) }
    return answer
  }

  private func tags(in query: Query) throws(RegistryError) -> [Tag] {
    var tags: [Tag] = []
    for value in query.all("tag") {
      do {
        let tag = try Tag(parsing: value)
        if !tags.contains(tag) { tags.append(tag) }
      } catch {
        throw RegistryError(.tagInvalid, error.description)
      }
    }
    guard tags.count <= Self.maximumTags else {
      throw RegistryError(.tagInvalid, "a push sets \(Self.maximumTags) tags at the most, not \(tags.count)")
    }
    return tags
  }

  /// More tags than anybody sets at once, few enough that a push stays a small transaction.
  private static let maximumTags = 100

  private func contentType(of call: Call) throws(RegistryError) -> MediaType? {
    guard let text = call.headers[.contentType] else { return nil }
    do {
      return try MediaType(parsing: text)
    } catch {
      throw RegistryError(.manifestInvalid, "Content-Type: \(error)")
    }
  }
}
