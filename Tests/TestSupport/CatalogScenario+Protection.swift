public import Catalog
public import OCI

extension CatalogScenario {
  /// Puts a rule in force.
  @discardableResult
  public func protect(
    _ tags: [String], of repositories: String = "team/*", named name: String = "release",
    _ scope: NewProtectionRule.Scope = .tags
  ) async throws -> ProtectionRule? {
    try await catalog.addRule(.of(tags, of: repositories, named: name, scope), by: .somebody)
  }

  /// Takes a rule away.
  @discardableResult
  public func unprotect(_ name: String = "release") async throws -> Bool {
    guard let rule = try await catalog.rule(try RuleName(parsing: name)) else { return false }
    return try await catalog.removeRule(rule, by: .somebody)
  }

  /// Holds a manifest by its digest.
  @discardableResult
  public func hold(_ manifest: Manifest, reason: String = "evidence") async throws -> HoldOutcome {
    try await catalog.hold(
      .digest(manifest.digest), in: repository, reason: try HoldReason(parsing: reason), by: .somebody)
  }

  /// Lets a manifest go by its digest.
  @discardableResult
  public func release(_ manifest: Manifest) async throws -> HoldRelease {
    try await catalog.release(.digest(manifest.digest), in: repository, by: .somebody)
  }

  /// Why a change is refused; nil where it is not.
  public func refusal(_ change: () async throws -> Void) async throws -> ProtectionRefusal? {
    do {
      try await change()
      return nil
    } catch CatalogError.refused(let refusal) {
      return refusal
    }
  }
}

extension NewProtectionRule {
  /// A rule that is known to be right.
  public static func of(
    _ tags: [String], of repositories: String = "team/*", named name: String = "release", _ scope: Scope = .tags
  ) -> NewProtectionRule {
    NewProtectionRule(
      name: try! RuleName(parsing: name), repositories: try! RepositoryPattern(parsing: repositories),
      tags: try! TagPatterns(parsing: tags), protects: scope)
  }
}
