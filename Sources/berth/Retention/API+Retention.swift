extension API {
  struct NewRetentionPolicy: Encodable {
    let scope, policy: String
  }

  struct RetentionPolicy: Decodable {
    let scope, policy, setAt, setBy: String
  }

  struct RetentionRun: Decodable {
    struct Repository: Decodable {
      let repository: String
      let fault: String?
      let tags, manifests, blobs: Int?
      let bytes: Int64?
      let removedTags, removedManifests, looked: Int?
      let left: [String: Int]?
    }
    let id: Int64
    let scope, begunAt, begunBy: String
    let planned: Bool
    let appliedAt, appliedBy, undoneAt, undoneBy: String?
    let repositories: [Repository]?
  }

  /// A line of a plan: a repository, something in it, or the end.
  struct RetentionPlanLine: Decodable {
    let run: Int64?
    let repository, fault, tag, manifest, blob: String?
    let digest, removedBy, kept, by: String?
    let bytes: Int64?
    let tags, manifests, blobs: Int?
    let repositories: Int?
    let done: Bool?
    let errors: [Fault]?
  }

  /// A line of what tells how far a plan was applied.
  struct RetentionStep: Decodable {
    let looked, removedTags, removedManifests, restoredTags, restoredManifests: Int?
    let left: [String: Int]?
    let done: Bool?
    let errors: [Fault]?
  }

  struct Fault: Decodable {
    let message: String
  }
}
