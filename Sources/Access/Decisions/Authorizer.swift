public import Catalog
public import OCI

/// Decides who may do what with a repository: rules alone, from facts that were looked up before.
public struct Authorizer: Sendable {
  /// Whether a push makes a repository that does not exist.
  public var createsOnPush: Bool

  /// Takes what the rules depend on.
  public init(createsOnPush: Bool) {
    self.createsOnPush = createsOnPush
  }

  /// Decides about an action.
  ///
  /// - Parameter facts: what the catalogue says about the repository.
  public func decide(
    _ identity: Identity, _ action: RepositoryAction, _ repository: RepositoryName, _ facts: RepositoryAccess
  ) -> Decision {
    let reading = ruleOfIdentity(identity, .pull, repository, facts)
    let readingLimit = limits(of: identity, .pull, repository)
    let mayKnow = reading.allows && readingLimit == nil
    let rule: Decision.Rule
    let basis = action == .pull ? reading : ruleOfIdentity(identity, action, repository, facts)
    if !basis.allows || basis == .publicRepository {
      rule = basis
    } else if let limit = action == .pull ? readingLimit : limits(of: identity, action, repository) {
      // Before anything that depends on whether the repository exists: who may not pull must not learn that.
      rule = limit
    } else if action == .push, !facts.exists, !createsOnPush {
      rule = .creationIsOff
    } else {
      rule = grant(of: identity, action, repository) ?? basis
    }
    return Decision(
      rule: rule, identity: identity.name, action: action, repository: repository, mayKnow: mayKnow)
  }

  /// Which repositories somebody may see in a list, as far as `Identity.lists` lets them through, too.
  public func filter(for identity: Identity) -> RepositoryFilter {
    let publicOnly = RepositoryFilter.readable(owners: [], andInternal: false)
    if let limits = identity.limits, !limits.actions.contains(.pull) { return publicOnly }
    if identity.isAdministrator { return .all }
    return switch identity.subject {
    case .everyone, .workflow: .all
    case .anonymous: publicOnly
    case .user(let account, let roles): .readable(owners: Set(roles.keys).union([account.name]), andInternal: true)
    case .robot(_, of: let organization): .readable(owners: [organization.name], andInternal: true)
    }
  }

  /// What who it is allows, whatever the credential.
  private func ruleOfIdentity(
    _ identity: Identity, _ action: RepositoryAction, _ repository: RepositoryName, _ facts: RepositoryAccess
  ) -> Decision.Rule {
    if case .everyone = identity.subject { return .openAccess }
    if action == .pull, facts.effectiveVisibility == .public { return .publicRepository }
    if identity.isAdministrator { return .administrator }
    let owner = AccountName(ownerOf: repository)
    switch identity.subject {
    case .everyone: return .openAccess
    case .anonymous: return .notLoggedIn
    case .workflow(let workflow):
      return workflow.rule.allows(action, on: repository) ? .workflowGrant : .noWorkflowGrant
    case .user(let account, _) where account.name == owner: return .ownNamespace
    case .robot(_, of: let organization) where organization.name == owner: return .robot
    case .user, .robot:
      // An account of that name may have been deleted, and its members' rows with it; another may have been made since.
      let role = facts.owner == nil ? nil : identity.role(in: owner)
      if let role, role >= action.role { return .role(role) }
      if action == .pull, facts.effectiveVisibility == .internal { return .internalRepository }
      return role.map { .roleTooLow($0) } ?? .noRole
    }
  }

  /// What the token takes away.
  private func limits(
    of identity: Identity, _ action: RepositoryAction, _ repository: RepositoryName
  ) -> Decision.Rule? {
    guard let limits = identity.limits else { return nil }
    guard limits.actions.contains(action) else { return .scopeMissing(token: limits.token) }
    guard limits.repositories.isEmpty || limits.repositories.contains(where: { $0.matches(repository.value) }) else {
      return .outsidePatterns(token: limits.token)
    }
    return nil
  }

  /// What the access token leaves out.
  private func grant(
    of identity: Identity, _ action: RepositoryAction, _ repository: RepositoryName
  ) -> Decision.Rule? {
    guard let grants = identity.grants, !grants.contains(where: { $0.allows(action, on: repository) }) else {
      return nil
    }
    return .notInAccessToken
  }
}
