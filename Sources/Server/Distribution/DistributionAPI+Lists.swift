import Access
import HTTPTypes
import NIOCore
import OCI
import Registry

extension DistributionAPI {
  func repositories(_ call: Call) async throws(RegistryError) -> Answer {
    let page = try await gate.repositories(
      of: registry, for: call.caller, after: call.query["last"], limit: try limit(call))
    let names = page.elements.map { JSONText.string($0.value) }
    var answer = Answer.json(JSONText.object([("repositories", JSONText.array(names))]))
    link(&answer, to: "/v2/_catalog", after: page.elements.last?.value, page.hasMore, call)
    return answer
  }

  func tags(_ name: RepositoryName, _ call: Call) async throws(RegistryError) -> Answer {
    let page = try await registry.tags(in: name, after: call.query["last"], limit: try limit(call))
    let tags = page.elements.map { JSONText.string($0.value) }
    var answer = Answer.json(
      JSONText.object([("name", JSONText.string(name.value)), ("tags", JSONText.array(tags))]))
    link(&answer, to: "/v2/\(name)/tags/list", after: page.elements.last?.value, page.hasMore, call)
    return answer
  }

  func referrers(_ name: RepositoryName, _ digest: Digest, _ call: Call) async throws(RegistryError) -> Answer {
    let artifactType = call.query["artifactType"].flatMap { $0.isEmpty ? nil : $0 }
    let page = try await registry.referrers(
      to: digest, in: name, artifactType: artifactType, after: try lastDigest(call), limit: try limit(call))
    var entries: [String] = []
    var size = 0
    for descriptor in page.elements {
      let json = descriptor.json
      size += json.utf8.count
      if !entries.isEmpty, size > Self.referrersSize { break }
      entries.append(json)
    }
    let index = JSONText.object([
      ("schemaVersion", "2"),
      ("mediaType", JSONText.string(MediaType.ociIndex.value)),
      ("manifests", JSONText.array(entries)),
    ])
    var answer = Answer.json(index, type: MediaType.ociIndex.value)
    if artifactType != nil { answer.fields[.ociFiltersApplied] = "artifactType" }
    let hasMore = page.hasMore || entries.count < page.elements.count
    let last = entries.isEmpty ? nil : page.elements[entries.count - 1].digest.description
    link(&answer, to: "/v2/\(name)/referrers/\(digest)", after: last, hasMore, call)
    return answer
  }

  /// Where a page of referrers ends, in bytes: clients take an index of 4 MiB.
  private static let referrersSize = 3 << 20
  /// How many elements a page has where the client does not say.
  private static let defaultLimit = 1_000
  /// How many elements a page has at the most.
  private static let maximumLimit = 10_000

  private func limit(_ call: Call) throws(RegistryError) -> Int {
    guard let text = call.query["n"] else { return Self.defaultLimit }
    guard !text.isEmpty, text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
      throw RegistryError(
        .paginationNumberInvalid, "n is how many elements a page may have: a whole number, 0 or more",
        detail: ["n": text])
    }
    return min(Int(text) ?? Self.maximumLimit, Self.maximumLimit)
  }

  private func lastDigest(_ call: Call) throws(RegistryError) -> Digest? {
    guard let text = call.query["last"] else { return nil }
    do {
      return try Digest(parsing: text)
    } catch {
      throw RegistryError(.digestInvalid, "last: \(error)")
    }
  }

  /// The way to the next page, with the query that led to this one (OCI distribution spec, "Listing Tags"; RFC 8288).
  private func link(_ answer: inout Answer, to path: String, after last: String?, _ hasMore: Bool, _ call: Call) {
    guard hasMore, let last else { return }
    var query = ["last=\(PercentEncoding.encode(last))"]
    for name in ["n", "artifactType"] {
      if let value = call.query[name] { query.insert("\(name)=\(PercentEncoding.encode(value))", at: 0) }
    }
    answer.fields[.link] = "<\(path)?\(query.joined(separator: "&"))>; rel=\"next\""
  }
}
