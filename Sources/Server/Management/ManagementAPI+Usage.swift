import Access
import Catalog
import HTTPTypes
import OCI
import Registry
import Retention

extension ManagementAPI {
  /// `GET /api/v1/usage`: what owners have, or the repositories of one, or the tags of a repository.
  func usage(_ call: Call) async throws(RegistryError) -> Answer {
    switch (call.query["owner"], call.query["repository"]) {
    case (nil, nil): return try await usageOfOwners(call)
    case (let owner?, nil): return try await usage(of: try name(owner), call)
    case (nil, let text?): return try await usage(of: try repository(text), call)
    case (_?, _?):
      throw RegistryError(.unsupported, "owner and repository exclude each other: send one", status: 400)
    }
  }

  private func usageOfOwners(_ call: Call) async throws(RegistryError) -> Answer {
    try await gate.admit(call.caller, .administrator, hasShown: call.headers.contains(.authorization))
    let owners = try await cataloguing { () throws(CatalogError) in try await catalog.usageOfOwners() }
    return Self.usageLines(owners.sorted(), [])
  }

  private func usage(of owner: AccountName, _ call: Call) async throws(RegistryError) -> Answer {
    guard gate.control?.maySeeQuota(of: .owner(owner), call.caller) ?? true else {
      throw RegistryError(
        .nameUnknown, "there is no owner \(owner), or you have no role there, so you may not see what it has")
    }
    let usage = try await cataloguing { () throws(CatalogError) in try await catalog.usage(of: owner) }
    return Self.usageLines(usage.repositories.sorted(), usage.owner.members)
  }

  private func usage(of repository: RepositoryName, _ call: Call) async throws(RegistryError) -> Answer {
    try await require(.pull, on: repository, call)
    var named: Set<Tag> = []
    for text in call.query.all("tag") { named.insert(try tag(text)) }
    let contents = try await cataloguing { () throws(CatalogError) in try await catalog.contents(of: repository) }
    let usage = RepositoryUsage(of: contents ?? RepositoryContents())
    let there = Set(usage.tags.map(\.tag))
    if let missing = named.first(where: { !there.contains($0) }) {
      throw RegistryError(
        .manifestUnknown, "\(repository) has no tag \(missing)",
        detail: ["name": repository.value, "reference": missing.value])
    }
    let tags = usage.tags.filter { named.isEmpty || named.contains($0.tag) }.sorted {
      ($1.bytes, $0.tag.value) < ($0.bytes, $1.tag.value)
    }
    return Self.lines { [named] lines in
      for tag in tags { try await lines.write(tag.members) }
      var members = [("done", "true")]
      if named.isEmpty {
        members += StorageUsage(name: repository.value, bytes: usage.bytes, unique: usage.unique).members
      } else {
        members += [
          ("name", JSONText.string(repository.value)), ("freed", String(usage.freed(byDeleting: named))),
        ]
      }
      try await lines.write(members)
    }
  }

  private static func usageLines(_ parts: [StorageUsage], _ whole: [(String, String)]) -> Answer {
    lines { lines in
      for part in parts { try await lines.write(part.members) }
      try await lines.write([("done", "true")] + whole)
    }
  }
}

extension StorageUsage {
  fileprivate var members: [(String, String)] {
    [
      ("name", JSONText.string(name)), ("bytes", String(bytes)), ("unique", String(unique)),
      ("shared", String(bytes - unique)), ("freed", String(unique)),
    ]
  }
}

extension [StorageUsage] {
  /// The largest first.
  fileprivate func sorted() -> Self { sorted { ($1.bytes, $0.name) < ($0.bytes, $1.name) } }
}

extension RepositoryUsage.Tagged {
  fileprivate var members: [(String, String)] {
    [
      ("name", JSONText.string(tag.value)), ("digest", JSONText.string(digest.description)),
      ("bytes", String(bytes)), ("unique", String(unique)), ("shared", String(bytes - unique)),
      ("freed", String(freed)),
    ]
  }
}
