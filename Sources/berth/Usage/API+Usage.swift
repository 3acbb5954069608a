extension API {
  /// A line of what there is: of one thing, or, with `done`, of the whole.
  struct Usage: Decodable {
    let name: String?
    let bytes, unique, shared, freed: Int64?
    let done: Bool?
    let errors: [Fault]?
  }

  struct Keeping: Decodable {
    struct Reason: Decodable {
      let reason: String
      let tag, rule, until, text: String?
    }

    struct Keeper: Decodable {
      let keeper, digest: String
      let tag: String?
    }

    struct Manifest: Decodable {
      let digest, state: String
      let keptUntil, since, pulledAt: String?
      let reasons: [Reason]
      let keptBy: [Keeper]
    }

    struct Verdict: Decodable {
      let removedBy, kept, by, fault: String?
    }

    let repository, digest, kind: String
    let kept, more: Bool
    let manifests: [Manifest]
    let retention: Verdict?
    let fate: String?
    let otherRepositories: Int?
    let bytes: Int64?
  }
}
