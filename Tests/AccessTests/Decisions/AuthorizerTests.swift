import Catalog
import OCI
import Testing

@testable import Access

@Suite("Decisions")
struct AuthorizerTests {
  private static func account(
    _ name: String, _ kind: Account.Kind = .user, isAdministrator: Bool = false, visibility: Visibility = .private
  ) -> Account {
    Account(
      id: Int64(name.hashValue & 0xffff), name: try! AccountName(parsing: name), kind: kind, passwordHash: nil,
      isAdministrator: isAdministrator, isDisabled: false, defaultVisibility: visibility,
      createdAt: Timestamp(milliseconds: 0))
  }

  private static func user(_ name: String, _ roles: [String: Role] = [:], isAdministrator: Bool = false) -> Identity {
    let roles = roles.map { (try! AccountName(parsing: $0), $1) }
    return Identity(
      .user(account(name, isAdministrator: isAdministrator), roles: Dictionary(uniqueKeysWithValues: roles)))
  }

  private static func limited(
    _ identity: Identity, _ scopes: Set<TokenScope>, _ patterns: [String] = [], grants: [AccessGrant]? = nil
  ) -> Identity {
    Identity(
      identity.subject,
      limits: Identity.Limits(
        id: 7, token: "token 7 (ci)", scopes: scopes, repositories: patterns.map { try! Glob($0) }),
      grants: grants)
  }

  private static let team = account("team", .organization)
  private static let robot = Identity(.robot("ci", of: team))
  private static let name = try! RepositoryName(parsing: "team/api")

  private func rule(
    _ identity: Identity, _ action: RepositoryAction, _ visibility: Visibility? = nil, exists: Bool = true,
    owner: Account? = AuthorizerTests.team, createsOnPush: Bool = true
  ) -> Decision.Rule {
    Authorizer(createsOnPush: createsOnPush).decide(
      identity, action, Self.name, RepositoryAccess(exists: exists, visibility: visibility, owner: owner)
    ).rule
  }

  @Test(
    "roles in the owner decide",
    arguments: [
      (Role?.none, RepositoryAction.pull, Decision.Rule.noRole), (nil, .push, .noRole), (nil, .delete, .noRole),
      (.read, .pull, .role(.read)), (.read, .push, .roleTooLow(.read)), (.read, .delete, .roleTooLow(.read)),
      (.write, .pull, .role(.write)), (.write, .push, .role(.write)), (.write, .delete, .roleTooLow(.write)),
      (.admin, .pull, .role(.admin)), (.admin, .push, .role(.admin)), (.admin, .delete, .role(.admin)),
    ])
  func roles(role: Role?, action: RepositoryAction, expected: Decision.Rule) {
    let identity = Self.user("alice", role.map { ["team": $0] } ?? [:])
    #expect(rule(identity, action) == expected)
    #expect(rule(identity, action).allows == expected.allows)
  }

  @Test("visibility lets others pull, and nothing else")
  func visibility() {
    let stranger = Self.user("mallory")
    #expect(rule(.anonymous, .pull, .public) == .publicRepository)
    #expect(rule(.anonymous, .pull, .internal) == .notLoggedIn)
    #expect(rule(.anonymous, .pull, .private) == .notLoggedIn)
    #expect(rule(stranger, .pull, .public) == .publicRepository)
    #expect(rule(stranger, .pull, .internal) == .internalRepository)
    #expect(rule(stranger, .pull, .private) == .noRole)
    for visibility in Visibility.allCases {
      for action in [RepositoryAction.push, .delete] {
        #expect(!rule(.anonymous, action, visibility).allows)
        #expect(!rule(stranger, action, visibility).allows)
      }
    }
  }

  @Test("a repository that says nothing has its owner's default, and one that does not exist is private")
  func defaults() {
    let open = Self.account("team", .organization, visibility: .public)
    #expect(rule(.anonymous, .pull, nil, owner: open) == .publicRepository)
    #expect(rule(.anonymous, .pull, .private, owner: open) == .notLoggedIn)
    #expect(rule(.anonymous, .pull, nil, exists: false, owner: open) == .notLoggedIn)
    #expect(rule(.anonymous, .pull, nil, owner: nil) == .notLoggedIn)
  }

  @Test("a name is its user's own, and an administrator's all are")
  func owners() {
    let name = try! RepositoryName(parsing: "alice/tool")
    let facts = RepositoryAccess(exists: false, visibility: nil, owner: Self.account("alice"))
    let authorizer = Authorizer(createsOnPush: true)
    for action in RepositoryAction.allCases {
      #expect(authorizer.decide(Self.user("alice"), action, name, facts).rule == .ownNamespace)
      #expect(authorizer.decide(Self.user("bob"), action, name, facts).rule == .noRole)
      #expect(rule(Self.user("root", isAdministrator: true), action) == .administrator)
      #expect(rule(.everyone, action) == .openAccess)
    }
  }

  @Test("a role in an organization that is gone is worth nothing")
  func deletedOwner() {
    #expect(rule(Self.user("alice", ["team": .admin]), .pull, owner: nil) == .noRole)
  }

  @Test(
    "a token takes away what its scopes do not name",
    arguments: [
      ([TokenScope.readPackages], RepositoryAction.pull, true), ([.readPackages], .push, false),
      ([.writePackages], .pull, true), ([.writePackages], .push, true), ([.writePackages], .delete, false),
      ([.deletePackages], .pull, false), ([.deletePackages], .push, false), ([.deletePackages], .delete, true),
      ([.admin], .pull, true), ([.admin], .push, true), ([.admin], .delete, true),
    ])
  func scopes(scopes: [TokenScope], action: RepositoryAction, isAllowed: Bool) {
    for identity in [Self.user("alice", ["team": .admin]), Self.robot, Self.user("root", isAdministrator: true)] {
      #expect(rule(Self.limited(identity, Set(scopes)), action).allows == isAllowed)
    }
  }

  @Test("a token never gives what its owner may not do")
  func scopesGiveNothing() {
    #expect(rule(Self.limited(Self.user("alice", ["team": .read]), [.admin]), .push) == .roleTooLow(.read))
    #expect(rule(Self.limited(Self.user("mallory"), [.admin]), .pull) == .noRole)
  }

  @Test("patterns keep a token to its repositories, but for what is public")
  func patterns() {
    let scopes: Set<TokenScope> = [.writePackages]
    #expect(rule(Self.limited(Self.robot, scopes, ["team/*"]), .push) == .robot)
    #expect(
      rule(Self.limited(Self.robot, scopes, ["team/web", "other/*"]), .push) == .outsidePatterns(token: "token 7 (ci)"))
    #expect(rule(Self.limited(Self.robot, scopes, ["team/web"]), .pull, .public) == .publicRepository)
  }

  @Test("an access token grants what it names, and no more than its holder may do")
  func grants() {
    let pull = [AccessGrant(.repository(Self.name), ["pull"])]
    let everything = [AccessGrant(.repository(Self.name), ["*"])]
    let alice = Self.user("alice", ["team": .write])
    #expect(rule(alice.granted(pull), .pull) == .role(.write))
    #expect(rule(alice.granted(pull), .push) == .notInAccessToken)
    #expect(rule(alice.granted([]), .pull) == .notInAccessToken)
    #expect(rule(alice.granted(everything), .push) == .role(.write))
    #expect(rule(alice.granted(everything), .delete) == .roleTooLow(.write))
    #expect(rule(Identity.anonymous.granted(everything), .pull, .private) == .notLoggedIn)
  }

  @Test("where pushes make no repositories, one that is not there cannot be pushed to")
  func creation() {
    let writer = Self.user("alice", ["team": .write])
    #expect(rule(writer, .push, exists: false, createsOnPush: false) == .creationIsOff)
    #expect(rule(writer, .push, exists: true, createsOnPush: false) == .role(.write))
    #expect(rule(writer, .pull, exists: false, createsOnPush: false) == .role(.write))
    #expect(rule(Self.user("mallory"), .push, exists: false, createsOnPush: false) == .noRole)
  }

  @Test("who may not pull is told the same of a repository that is there and of one that is not")
  func secrecy() {
    let authorizer = Authorizer(createsOnPush: false)
    let identities = [
      Identity.anonymous, Self.user("mallory"), Self.limited(Self.robot, [.readPackages], ["other/**"]),
      Self.limited(Self.user("root", isAdministrator: true), [.deletePackages]),
    ]
    for identity in identities {
      for action in RepositoryAction.allCases where !(action == .delete && identity.isAdministrator) {
        let known = authorizer.decide(
          identity, action, Self.name, RepositoryAccess(exists: true, visibility: .private, owner: Self.team))
        let unknown = authorizer.decide(
          identity, action, Self.name, RepositoryAccess(exists: false, visibility: nil, owner: Self.team))
        #expect(!known.isAllowed && !unknown.isAllowed)
        #expect(known.message == unknown.message)
        #expect(!known.mayKnow && !unknown.mayKnow)
      }
    }
  }

  @Test("lists show what may be pulled")
  func filters() {
    let authorizer = Authorizer(createsOnPush: true)
    let (alice, team) = (try! AccountName(parsing: "alice"), Self.team.name)
    #expect(authorizer.filter(for: .everyone) == .all)
    #expect(authorizer.filter(for: Self.user("root", isAdministrator: true)) == .all)
    #expect(authorizer.filter(for: .anonymous) == .readable(owners: [], andInternal: false))
    #expect(
      authorizer.filter(for: Self.user("alice", ["team": .read]))
        == .readable(owners: [alice, team], andInternal: true))
    #expect(authorizer.filter(for: Self.robot) == .readable(owners: [team], andInternal: true))
    #expect(
      authorizer.filter(for: Self.limited(Self.robot, [.deletePackages])) == .readable(owners: [], andInternal: false))
  }
}
