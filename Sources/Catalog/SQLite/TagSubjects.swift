internal import Foundation
internal import GRDB
internal import OCI

extension Database {
  /// What tags are about that were made of digests; manifests, hidden ones too, are looked for only where a tag does not
  /// say the whole digest.
  func subjects(of tags: [Tag], in repository: Int64) throws -> [Digest] {
    let made = tags.compactMap(DigestTag.init)
    var subjects = made.compactMap(\.digest)
    let rows = made.filter { $0.digest == nil }.map { tag -> [(any DatabaseValueConvertible)?] in
      [tag.digests.lowerBound.key, tag.digests.upperBound.key]
    }
    try ValueRows(rows).forEach { marks, values in
      subjects += try all(
        """
        SELECT m.digest
        FROM (VALUES \(marks)) AS name
        CROSS JOIN manifest m ON m.repository_id = ? AND m.digest >= column1 AND m.digest <= column2
        """, values + [repository]
      ) { try $0.digest(at: 0) }
    }
    return subjects
  }
}
