internal import Catalog
internal import OCI

extension Replication {
  /// How many tags are compared together.
  private static let page = 100

  /// Compares all that a rule wants with what its target has.
  ///
  /// Repositories that the target alone has are not looked for.
  ///
  /// - Parameter visit: is told what differs, page by page.
  /// - Returns: how many tags the rule wants.
  public func compare(
    _ rule: ReplicationRule, _ visit: ([ReplicationDifference]) async throws -> Void
  ) async throws -> Int {
    var (last, compared): (String?, Int) = (nil, 0)
    while true {
      let repositories = try await registry.catalog.repositories(
        .all, where: { [isMirror] name in rule.covers(name) && !isMirror(name) }, after: last, limit: Self.page)
      for repository in repositories { compared += try await compare(repository, of: rule, visit) }
      guard repositories.count == Self.page else { return compared }
      last = repositories.last?.value
    }
  }

  private func compare(
    _ repository: RepositoryName, of rule: ReplicationRule, _ visit: ([ReplicationDifference]) async throws -> Void
  ) async throws -> Int {
    // What cannot have a name at the target is missing there.
    let name = try? rule.naming.name(of: repository)
    // What is there is listed first: a tag that is new here meanwhile is then no surplus.
    var surplus: Set<Tag> = []
    if let name {
      surplus.formUnion(
        try await asking(rule.target) { target throws(UpstreamFailure) in try await target.tags(in: name) })
    }
    var (last, compared): (String?, Int) = (nil, 0)
    while let tags = try await registry.catalog.tags(in: repository, after: last, limit: Self.page) {
      surplus.subtract(tags)
      let (wanted, differences) = try await differences(
        of: tags.filter { rule.covers($0) }, in: repository, called: name, of: rule)
      compared += wanted
      if !differences.isEmpty { try await visit(differences) }
      last = tags.last?.value
      if tags.count < Self.page { break }
    }
    if let name {
      try await visitSurplus(surplus.filter { rule.covers($0) }, in: repository, called: name, of: rule, visit)
    }
    return compared
  }

  private func visitSurplus(
    _ tags: Set<Tag>, in repository: RepositoryName, called name: RepositoryName, of rule: ReplicationRule,
    _ visit: ([ReplicationDifference]) async throws -> Void
  ) async throws {
    var rest = tags.sorted { $0.value < $1.value }[...]
    while !rest.isEmpty {
      let page = rest.prefix(Self.page)
      rest = rest.dropFirst(page.count)
      let found = try await together(Array(page)) { tag in
        let digest = try await self.asking(rule.target) { target throws(UpstreamFailure) in
          try await target.digest(of: .tag(tag), in: name)
        }
        return digest.map { digest in
          ReplicationDifference(
            kind: .surplus, repository: repository, reference: .tag(tag), source: nil, target: digest)
        }
      }
      let differences = found.compactMap { $0 }
      if !differences.isEmpty { try await visit(differences) }
    }
  }

  /// - Returns: how many of the tags are wanted, and what differs of those, in the tags' order.
  private func differences(
    of tags: [Tag], in repository: RepositoryName, called name: RepositoryName?, of rule: ReplicationRule
  ) async throws -> (wanted: Int, differences: [ReplicationDifference]) {
    let found = try await together(tags) { tag -> [ReplicationDifference]? in
      guard let stored = try await self.registry.storedManifest(.tag(tag), in: repository),
        try await self.wants(stored, as: .tag(tag), in: repository, of: rule)
      else { return nil }
      let there = try await self.asking(rule.target) { target throws(UpstreamFailure) -> Digest? in
        guard let name else { return nil }
        return try await target.digest(of: .tag(tag), in: name)
      }
      guard let name, there == stored.digest else {
        return [
          ReplicationDifference(
            kind: there == nil ? .missing : .different, repository: repository, reference: .tag(tag),
            source: stored.digest, target: there)
        ]
      }
      return rule.referrers ? try await self.missingReferrers(to: stored, in: repository, called: name, of: rule) : []
    }
    let wanted = found.compactMap { $0 }
    return (wanted.count, wanted.flatMap { $0 })
  }

  /// What refers to an image, or to an image of an index, and is not at the target.
  private func missingReferrers(
    to image: StoredManifest, in repository: RepositoryName, called name: RepositoryName, of rule: ReplicationRule
  ) async throws -> [ReplicationDifference] {
    let manifest = try Manifest(parsing: image.bytes, contentType: image.mediaType)
    let entries = manifest.entries.filter { $0.mediaType.manifestKind != nil }.map(\.digest)
    var missing: [ReplicationDifference] = []
    for subject in [image.digest] + entries {
      var last: Digest?
      while true {
        let page = try await registry.referrers(
          to: subject, in: repository, artifactType: nil, after: last, limit: Self.page)
        for referrer in page.elements {
          let there = try await asking(rule.target) { target throws(UpstreamFailure) in
            try await target.digest(of: .digest(referrer.digest), in: name)
          }
          guard there == nil else { continue }
          missing.append(
            ReplicationDifference(
              kind: .missing, repository: repository, reference: .digest(referrer.digest), source: referrer.digest,
              target: nil))
        }
        guard page.hasMore else { break }
        last = page.elements.last?.digest
      }
    }
    return missing
  }

  /// Does the same for all of a page at the same time, and gives the results in the page's order.
  private func together<Element: Sendable, Result: Sendable>(
    _ elements: [Element], _ work: @escaping @Sendable (Element) async throws -> Result
  ) async throws -> [Result] {
    try await withThrowingTaskGroup(of: (Int, Result).self) { group in
      for (index, element) in elements.enumerated() {
        group.addTask { (index, try await work(element)) }
      }
      var results: [Int: Result] = [:]
      for try await (index, result) in group { results[index] = result }
      return elements.indices.compactMap { results[$0] }
    }
  }
}
