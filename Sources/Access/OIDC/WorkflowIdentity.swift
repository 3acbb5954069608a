public import OCI

/// Who a token stands for: the workflow that a rule lets in.
public struct WorkflowIdentity: Hashable, Sendable {
  /// The rule that lets it in, with what it grants.
  public let rule: TrustRule
  /// The token's `sub`, which no other workflow of the issuer has; as the token writes it.
  public let subject: String
  /// The token's `iss`.
  public let issuer: String
  /// The workflow in words for history and audit, such as `team/api@refs/heads/main run 123 (github-api)`; printable
  /// ASCII, and at most a few hundred bytes.
  public let summary: String
  /// When the token expires.
  public let expiresAt: Timestamp

  /// Makes one of its parts, for a token of the registry's own that says the same.
  init(rule: TrustRule, issuer: String, subject: String, summary: String, expiresAt: Timestamp) {
    self.rule = rule
    self.issuer = issuer
    self.subject = subject
    self.summary = summary
    self.expiresAt = expiresAt
  }

  init(rule: TrustRule, claims: TokenClaims) {
    self.init(
      rule: rule, issuer: claims.issuer, subject: claims.subject, summary: Self.summary(of: claims, rule: rule),
      expiresAt: Timestamp(milliseconds: claims.expires * 1000))
  }

  /// The claims of GitHub, GitLab and Kubernetes; for any other issuer the subject says who it is.
  private static func summary(of claims: TokenClaims, rule: TrustRule) -> String {
    let project = word("repository", of: claims) ?? word("project_path", of: claims)
    var words = [project ?? word(claims.subject)]
    if project != nil {
      if let ref = word("ref", of: claims) { words[0] += "@\(ref)" }
      for (claim, name) in [
        ("environment", "environment"), ("run_id", "run"), ("pipeline_id", "pipeline"), ("job_id", "job"),
      ] {
        if let value = word(claim, of: claims) { words.append("\(name) \(value)") }
      }
    }
    words.append("(\(rule.name))")
    return words.joined(separator: " ")
  }

  private static func word(_ claim: String, of claims: TokenClaims) -> String? {
    switch claims[claim] {
    case .string(let text) where !text.isEmpty: word(text)
    case .integer(let number): String(number)
    default: nil
    }
  }

  /// A value as one word, so that none can look like several: what is not printable ASCII, and a space, becomes `_`.
  private static func word(_ text: String) -> String {
    var word = ""
    for (index, scalar) in text.unicodeScalars.enumerated() {
      guard index < 100 else { return word + "..." }
      word.unicodeScalars.append((0x21...0x7e).contains(scalar.value) ? scalar : "_")
    }
    return word
  }
}
