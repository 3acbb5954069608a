extension API {
  struct Author: Codable {
    let name: String
    let credential, address: String?
  }

  struct TagLifetime: Decodable {
    let id: Int64
    let digest, since: String
    let until, reason: String?
    let deleted: Bool?
    let by, endedBy: Author?
  }

  struct NewRollback: Encodable {
    let repository, tag: String
    let digest, at, expect: String?
  }

  struct Rollback: Decodable {
    let digest: String
    let from: String?
    let restored: [String]
  }

  struct NewPromotion: Encodable {
    let source, reference, repository: String
    let tags: [String]
    let expect: String?
  }

  struct Promotion: Decodable {
    struct MovedTag: Decodable {
      let tag: String
      let from: String?
    }
    let digest, repository: String
    let changed: Bool
    let tags: [MovedTag]
    let manifests, referrerTags: [String]
  }

  struct TrashedManifest: Codable {
    let repository, digest, deletedAt, keptUntil, mediaType: String
    let deletedBy: String?
    let bytes: Int64
  }

  struct TrashedTag: Codable {
    let repository, digest, deletedAt, keptUntil, tag: String
    let deletedBy: String?
  }

  struct TrashCount: Decodable {
    let manifests, tags: Int
  }

  struct TrashWindow: Decodable {
    let owner, window: String
    let inherited: Bool
  }

  struct TrashWindowChange: Encodable {
    let window: String
  }

  struct NewRestoration: Encodable {
    let repository, reference: String
    let tags: Bool
  }

  struct Restoration: Decodable {
    let digest: String
    let manifests, tags, taken: [String]
  }
}
