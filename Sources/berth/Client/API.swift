/// The objects of the management API, by their names in its OpenAPI document; moments are RFC 3339.
enum API {
  struct Identity: Decodable {
    let name, kind: String
    let administrator: Bool
    let credential: String?
    let scopes, repositories: [String]?
  }

  struct Account: Decodable {
    let name: String
    let administrator, disabled: Bool
    let defaultVisibility, createdAt: String
  }

  struct NewUser: Encodable {
    let name: String
    var password, passwordHash: String?
    var administrator: Bool?
  }

  struct UserChange: Encodable {
    var password: String?
    var administrator, disabled: Bool?
    var defaultVisibility: String?
  }

  struct NewOrganization: Encodable {
    let name: String
  }

  struct OrganizationChange: Encodable {
    var disabled: Bool?
    var defaultVisibility: String?
  }

  struct Member: Decodable {
    let user, role: String
  }

  struct MemberRole: Encodable {
    let role: String
  }

  struct Token: Decodable {
    let id: Int64
    let owner, kind, name: String
    let scopes, repositories: [String]
    let createdAt: String
    let expiresAt, lastUsedAt, lastUsedFrom: String?
  }

  struct MadeToken: Decodable {
    let secret: String
  }

  struct NewToken: Encodable {
    let name: String
    let scopes: [String]
    let owner: String?
    let repositories: [String]?
    let expiresAt: String?
  }

  struct Repository: Decodable {
    let name, visibility: String
    let inherited: Bool
  }

  struct NewRepository: Encodable {
    let name: String
    let visibility: String?
  }

  struct RepositoryChange: Encodable {
    /// Nil is written as `null`, which stands for the owner's default.
    let visibility: String?

    private enum Key: CodingKey {
      case visibility
    }

    func encode(to encoder: any Encoder) throws {
      var members = encoder.container(keyedBy: Key.self)
      try members.encode(visibility, forKey: .visibility)
    }
  }

  struct Decision: Decodable {
    let allowed: Bool
    let rule: String
  }

  struct AuditEvent: Decodable {
    let id: Int64
    let at, actor: String
    let credential, address: String?
    let action, outcome: String
    let repository: String?
    let subject: String
    let detail: [String: String]
  }
}
