public import Catalog
public import OCI

/// Who asks, as far as it was shown.
public struct Identity: Hashable, Sendable {
  /// Who that is.
  ///
  /// It is indirect because an identity is copied often on the way of a request, and compared seldom.
  public indirect enum Subject: Hashable, Sendable {
    /// Anybody at all, on a registry whose access is open.
    case everyone
    /// Somebody who showed nothing.
    case anonymous
    /// A person, with their roles in organisations.
    case user(Account, roles: [AccountName: Role])
    /// A machine that acts for an organisation, by the token's name.
    case robot(String, of: Account)
    /// A run of a workflow that a rule of the trust policy lets in.
    case workflow(WorkflowIdentity)
  }

  /// What a token may be used for.
  public struct Limits: Hashable, Sendable {
    /// The token's row.
    let id: Int64
    /// What the token is called in explanations.
    public let token: String
    /// What it may be used for.
    public let scopes: Set<TokenScope>
    /// The repositories that it may be used for; empty where that is all.
    public let repositories: [Glob]
    /// What its scopes allow, on whichever repository: asked at each request, so it is found once.
    let actions: [RepositoryAction]

    init(id: Int64, token: String, scopes: Set<TokenScope>, repositories: [Glob]) {
      self.id = id
      self.token = token
      self.scopes = scopes
      self.repositories = repositories
      actions = RepositoryAction.allCases.filter { $0.scopes.contains(where: scopes.contains) }
    }
  }

  /// Who that is.
  public let subject: Subject
  /// What showed it, for history and audit; never the secret.
  public let credential: String?
  /// What the token allows that showed it; nil where a password did.
  public let limits: Limits?
  /// What the access token grants that showed it; nil where the whole identity was shown.
  public let grants: [AccessGrant]?

  init(_ subject: Subject, credential: String? = nil, limits: Limits? = nil, grants: [AccessGrant]? = nil) {
    self.subject = subject
    self.credential = credential
    self.limits = limits
    self.grants = grants
  }

  /// The identity of everybody on a registry whose access is open.
  public static let everyone = Identity(.everyone)
  /// The identity of somebody who showed nothing.
  public static let anonymous = Identity(.anonymous)

  /// How history and audit call them.
  public var name: String {
    switch subject {
    case .everyone, .anonymous: "anonymous"
    case .user(let account, _): account.name.value
    case .robot(let name, of: let organization): "\(organization.name)+\(name)"
    case .workflow(let workflow): workflow.summary
    }
  }

  /// The row of the token that showed it, if one did.
  var token: Int64? { limits?.id }

  /// Whether nothing was shown.
  public var isAnonymous: Bool {
    if case .anonymous = subject { true } else { false }
  }

  /// Whether everything is allowed that the limits and grants of the credential do not take away.
  public var isAdministrator: Bool {
    switch subject {
    case .everyone: true
    case .user(let account, _): account.isAdministrator
    case .anonymous, .robot, .workflow: false
    }
  }

  /// The role in an owner of repositories.
  public func role(in owner: AccountName) -> Role? {
    switch subject {
    case .user(let account, _) where account.name == owner: .admin
    case .user(_, let roles): roles[owner]
    case .robot(_, of: let organization): organization.name == owner ? .admin : nil
    case .everyone, .anonymous, .workflow: nil
    }
  }

  /// Whether the credential may be used to manage accounts, tokens and visibility.
  ///
  /// An access token for repositories is not for that, nor a token without the scope `admin` or for some repositories.
  public var mayManage: Bool {
    switch subject {
    case .everyone: true
    case .anonymous, .workflow: false
    case .user, .robot: grants == nil && limits.map { $0.scopes.contains(.admin) && $0.repositories.isEmpty } ?? true
    }
  }

  /// Whether lists of repositories may be shown, as far as there is something to show.
  public var mayListRepositories: Bool {
    grants?.contains { $0.resource == .catalog && $0.actions.contains("*") } ?? true
  }

  /// Whether a repository that a `RepositoryFilter` let through may stand in a list: what the credential is limited to.
  public func lists(_ repository: RepositoryName) -> Bool {
    if case .workflow(let workflow) = subject { return workflow.rule.allows(.pull, on: repository) }
    guard let limits, !limits.repositories.isEmpty else { return true }
    return limits.repositories.contains { $0.matches(repository.value) }
  }

  /// The same identity as if its token had each scope, for the repositories that it is limited to.
  public var withEveryScope: Identity {
    let limits = limits.map {
      Limits(id: $0.id, token: $0.token, scopes: Set(TokenScope.allCases), repositories: $0.repositories)
    }
    return Identity(subject, credential: credential, limits: limits, grants: grants)
  }

  /// The same identity as an access token shows it.
  func granted(_ grants: [AccessGrant]?) -> Identity {
    Identity(subject, credential: credential, limits: limits, grants: grants)
  }

  /// Who this is, as history and audit tell it.
  public func actor(from address: ClientAddress) -> Author {
    Author(name: name, credential: credential, address: address == .unknown ? nil : address.description)
  }
}
