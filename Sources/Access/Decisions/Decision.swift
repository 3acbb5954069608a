public import Catalog
public import OCI

/// Whether somebody may do something with a repository, and which rule says so.
public struct Decision: Hashable, Sendable {
  /// The rule that decided.
  public enum Rule: Hashable, Sendable {
    case openAccess
    case publicRepository
    case internalRepository
    case administrator
    case ownNamespace
    case role(Role)
    case robot
    case workflowGrant

    case notLoggedIn
    case noRole
    case roleTooLow(Role)
    case noWorkflowGrant
    case scopeMissing(token: String)
    case outsidePatterns(token: String)
    case notInAccessToken
    case creationIsOff

    /// Whether it allows what was asked.
    public var allows: Bool {
      switch self {
      case .openAccess, .publicRepository, .internalRepository, .administrator, .ownNamespace, .role, .robot,
        .workflowGrant:
        true
      case .notLoggedIn, .noRole, .roleTooLow, .noWorkflowGrant, .scopeMissing, .outsidePatterns, .notInAccessToken,
        .creationIsOff:
        false
      }
    }
  }

  /// The rule that decided.
  public let rule: Rule
  /// Who asked.
  public let identity: String
  /// What was asked for.
  public let action: RepositoryAction
  /// Where.
  public let repository: RepositoryName
  /// Whether the one who asks may be told whether there is such a repository.
  public let mayKnow: Bool

  /// Whether it is allowed.
  public var isAllowed: Bool { rule.allows }

  /// Which rule allows or denies it, for whoever may know everything about the repository.
  public var explanation: String {
    let owner = AccountName(ownerOf: repository)
    return switch rule {
    case .openAccess: "access is open: everybody may do everything"
    case .publicRepository: "\(repository) is public: anyone may pull"
    case .internalRepository: "\(repository) is internal: every account may pull"
    case .administrator: "\(identity) is an administrator of this registry"
    case .ownNamespace: "\(repository) belongs to \(identity)"
    case .role(let role): "\(identity) has the role \(role.rawValue) in \(owner)"
    case .robot: "\(identity) is a robot of \(owner)"
    case .workflowGrant: "a rule of the trust policy grants it to \(identity)"
    case .notLoggedIn:
      mayKnow
        ? "\(repository) is public for pulling alone, and nobody is logged in"
        : "\(repository) is not public, and nobody is logged in"
    case .noRole: "\(identity) has no role in \(owner)"
    case .roleTooLow(let role):
      "\(identity) has the role \(role.rawValue) in \(owner), and to \(action.rawValue) takes \(action.role.rawValue)"
    case .noWorkflowGrant: "the rule that lets in \(identity) does not grant to \(action.rawValue) here"
    case .scopeMissing(let token):
      "\(token) does not have the scope \(action.scopes[0].rawValue), which to \(action.rawValue) takes"
    case .outsidePatterns(let token): "\(token) is limited to other repositories"
    case .notInAccessToken: "the access token was not made for this; ask for another"
    case .creationIsOff:
      "there is no repository \(repository), and a push does not make one here (create-on-push is off)"
    }
  }

  /// What the one who asks is told: as much as they may know.
  public var message: String {
    if isAllowed { return explanation }
    return switch rule {
    case .notLoggedIn where mayKnow: "log in to \(action.rawValue): \(repository) is public for pulling alone"
    case .notLoggedIn: "\(repository) is not public, or does not exist: log in to \(action.rawValue)"
    case .creationIsOff where mayKnow:
      "\(explanation); make it by `berth repository create \(repository)`"
    case .scopeMissing, .outsidePatterns, .notInAccessToken:
      explanation
    default:
      mayKnow
        ? explanation
        : "\(identity) may not \(action.rawValue) \(action == .push ? "to" : "from") \(repository), or it does not exist"
    }
  }
}
