internal import GRDB
internal import OCI

/// Which manifests of a repository belong together, within one transaction: what an index lists, and what refers to a
/// subject, at any depth.
struct ManifestGraph {
  /// Which manifests are followed.
  enum Scope {
    /// Those that are visible.
    case visible
    /// Those that are hidden, and of what refers to a subject those that no person deleted.
    case hidden

    fileprivate var entries: String {
      switch self {
      case .visible: "unlinked_at IS NULL"
      case .hidden: "unlinked_at IS NOT NULL"
      }
    }

    fileprivate var referrers: String {
      switch self {
      case .visible: entries
      case .hidden:
        """
        \(entries)
          AND EXISTS (SELECT 1 FROM trashed t WHERE t.manifest_id = found.id AND t.deleted_by IS NULL)
        """
      }
    }
  }

  let database: Database
  let scope: Scope

  /// The rows that can be reached from some, these included, each once; one round looks at one level.
  func reached(from roots: [Int64]) throws -> [Int64] {
    var reached: [Int64] = []
    var known = Set(roots)
    var level = Array(known)
    while !level.isEmpty {
      reached += level
      var next: [Int64] = []
      try ValueLists(level).forEach { marks, ids in
        next += try entries(marks, StatementArguments(ids)) + referrers(marks, StatementArguments(ids))
      }
      level = next.filter { known.insert($0).inserted }
    }
    return reached
  }

  private func entries(_ marks: String, _ ids: StatementArguments) throws -> [Int64] {
    try database.all(
      """
      SELECT found.id
      FROM manifest_entry e
      JOIN manifest found ON found.repository_id = e.repository_id AND found.digest = e.digest
      WHERE e.manifest_id IN (\(marks)) AND found.\(scope.entries)
      """, ids
    ) { $0[0] }
  }

  private func referrers(_ marks: String, _ ids: StatementArguments) throws -> [Int64] {
    try database.all(
      """
      SELECT found.id
      FROM manifest subject
      JOIN manifest found
        ON found.repository_id = subject.repository_id AND found.subject_digest = subject.digest
      WHERE subject.id IN (\(marks)) AND found.\(scope.referrers)
      """, ids
    ) { $0[0] }
  }
}

extension Database {
  /// The digests of manifests, in order.
  func digests(of manifests: [Int64]) throws -> [Digest] {
    var digests: Set<Digest> = []
    try ValueLists(manifests).forEach { marks, ids in
      digests.formUnion(
        try all("SELECT digest FROM manifest WHERE id IN (\(marks))", StatementArguments(ids)) { try $0.digest(at: 0) })
    }
    return digests.sorted()
  }

  /// What tags of a repository name now, by their names.
  func digests(of tags: [Tag], in repository: Int64) throws -> [Tag: Digest] {
    var digests: [Tag: Digest] = [:]
    try ValueLists(tags.map(\.value)).forEach { marks, names in
      let found = try all(
        "SELECT name, digest FROM tag WHERE repository_id = ? AND name IN (\(marks)) AND ended_at IS NULL",
        [repository] + StatementArguments(names)
      ) { row in (try row.tag(at: 0), try row.digest(at: 1)) }
      digests.merge(found) { first, _ in first }
    }
    return digests
  }
}
