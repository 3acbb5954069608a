extension API {
  struct NewProtectionRule: Encodable {
    let name, repositories: String
    let tags: [String]
    let protects: String
  }

  struct ProtectionRule: Decodable {
    let name, repositories: String
    let tags: [String]
    let protects, madeAt, madeBy: String
  }

  struct NewHold: Encodable {
    let repository, reference, reason: String
  }

  struct Hold: Decodable {
    let repository, digest, reason, heldAt, heldBy: String
  }

  struct Protection: Decodable {
    struct Reason: Decodable {
      let reason: String
    }
    let digest: String?
    let reasons: [Reason]
  }
}
