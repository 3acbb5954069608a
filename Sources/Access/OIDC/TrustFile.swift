internal import Catalog
internal import OCI
public import YAMLFiles

extension TrustPolicy {
  /// Reads a trust file: a YAML list of rules, in which nothing may stand that is not understood.
  ///
  /// - Throws: `InvalidYAML` for the first fault, with its line and what would be right.
  public init(yaml bytes: [UInt8]) throws(InvalidYAML) {
    var rules: [TrustRule] = []
    for entry in try YAMLNode(parsing: bytes).elements("a list of rules, each beginning with '- name: …'") {
      let rule = try TrustRule(entry)
      if rules.contains(where: { $0.name == rule.name }) {
        throw entry.fault("there is a rule called \(rule.name) already; names are unique, they stand in the audit")
      }
      if rules.contains(where: { $0.issuer == rule.issuer && $0.keySource != rule.keySource }) {
        throw entry.fault("the rules of one issuer have the same 'jwks' and 'ca', or none of them has any")
      }
      rules.append(rule)
    }
    guard !rules.isEmpty else { throw InvalidYAML(line: nil, "the file holds no rule; leave the setting out") }
    self.init(rules: rules)
  }
}

extension TrustRule {
  fileprivate init(_ node: YAMLNode) throws(InvalidYAML) {
    let fields = try node.fields(["name", "issuer", "audience", "conditions", "grants", "jwks", "ca"])
    name = try fields.required("name").name()
    keySource = try KeySource(fields)
    issuer = keySource.issuer.text
    audiences = try fields.required("audience").values { $0 }
    conditions = try Self.conditions(try fields.required("conditions"))
    grants = try Self.grants(try fields.required("grants"))
  }

  private static let decidedElsewhere = [
    "iss": "'issuer'", "aud": "'audience'", "exp": "the time", "nbf": "the time", "iat": "the time",
  ]

  private static func conditions(_ node: YAMLNode) throws(InvalidYAML) -> [ClaimCondition] {
    var conditions: [ClaimCondition] = []
    for (claim, value) in try node.members("claims and their patterns, such as 'repository: team/api'") {
      if let decider = decidedElsewhere[claim.text] {
        throw claim.fault("\(decider) decides about the claim \(claim.text); name one that tells workflows apart")
      }
      conditions.append(ClaimCondition(claim: claim.text, patterns: try value.globs()))
    }
    guard !conditions.isEmpty else {
      throw node.fault(
        """
        a rule without conditions would let in everybody who gets a token of the issuer; name claims, such as \
        'repository: team/api', or write 'sub: "**"' for an issuer that is yours alone
        """)
    }
    return conditions
  }

  private static func grants(_ node: YAMLNode) throws(InvalidYAML) -> [TrustGrant] {
    var grants: [TrustGrant] = []
    for entry in try node.elements("a list of grants, each beginning with '- repositories: …'") {
      let fields = try entry.fields(["repositories", "scopes"])
      let repositories = try fields.required("repositories").repositoryGlobs()
      grants.append(TrustGrant(repositories: repositories, scopes: try fields.required("scopes").scopes()))
    }
    guard !grants.isEmpty else { throw node.fault("a rule without grants lets workflows do nothing; name a grant") }
    return grants
  }
}

extension KeySource {
  fileprivate init(_ fields: YAMLNode.Fields) throws(InvalidYAML) {
    let issuerNode = try fields.required("issuer")
    issuer = try issuerNode.url()
    guard !issuer.hasQuery else { throw issuerNode.fault("the URL of an issuer has no query; leave out the '?'") }
    keySet = try fields["jwks"]?.keySetURL(of: issuer)
    trustRoots = try fields["ca"]?.path()
  }
}

extension YAMLNode {
  fileprivate func name() throws(InvalidYAML) -> String {
    let text = try text()
    let isName = text.utf8.allSatisfy { byte in
      (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        || byte == UInt8(ascii: "-")
    }
    guard isName, text.utf8.count <= 64 else {
      throw fault("\(quoted(text)) is not a rule's name: that is 1 to 64 of a-z, 0-9 and '-', such as github-api")
    }
    return text
  }

  fileprivate func url() throws(InvalidYAML) -> IssuerURL {
    try value { try IssuerURL(parsing: $0) }
  }

  fileprivate func keySetURL(of issuer: IssuerURL) throws(InvalidYAML) -> IssuerURL {
    let url = try url()
    guard !url.isPlain || issuer.isPlain else {
      throw fault("the keys of an issuer with an https address are fetched by https, too")
    }
    return url
  }

  fileprivate func path() throws(InvalidYAML) -> String {
    let text = try text()
    guard text.hasPrefix("/") else {
      throw fault("\(quoted(text)) is not an absolute path of a PEM file, such as /etc/ssl/private-ca.pem")
    }
    return text
  }

  fileprivate func globs() throws(InvalidYAML) -> [Glob] {
    var globs: [Glob] = []
    for node in try scalars() { globs.append(try node.glob()) }
    return globs
  }

  private func glob() throws(InvalidYAML) -> Glob {
    let text = try text()
    do {
      return try Glob(text)
    } catch {
      throw fault("\(quoted(text)) is not a pattern: \(error)")
    }
  }

  fileprivate func repositoryGlobs() throws(InvalidYAML) -> [Glob] {
    var globs: [Glob] = []
    for node in try scalars() {
      let glob = try node.glob()
      do {
        _ = try RepositoryName(parsing: Self.example(of: glob.pattern))
      } catch {
        throw node.fault(
          "no repository's name fits \(quoted(glob.pattern)); patterns read like team/api, team/* or team/**")
      }
      globs.append(glob)
    }
    return globs
  }

  /// A text that fits a pattern, with one letter for each run of what stands for other characters.
  private static func example(of pattern: String) -> String {
    var example = ""
    var followsStar = false
    for scalar in pattern.unicodeScalars {
      if scalar != "*" || !followsStar { example.unicodeScalars.append(scalar == "*" || scalar == "?" ? "a" : scalar) }
      followsStar = scalar == "*"
    }
    return example
  }

  private static let grantable: [TokenScope] = [.readPackages, .writePackages, .deletePackages]

  fileprivate func scopes() throws(InvalidYAML) -> Set<TokenScope> {
    var scopes: Set<TokenScope> = []
    for node in try scalars() {
      let text = try node.text()
      guard let scope = TokenScope(rawValue: text), Self.grantable.contains(scope) else {
        let known = Self.grantable.map(\.rawValue).joined(separator: ", ")
        throw node.fault("\(quoted(text)) cannot be granted to a workflow; scopes are \(known)")
      }
      scopes.insert(scope)
    }
    return scopes
  }
}
