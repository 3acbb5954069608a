public import OCI

/// What is known of a build: which commit, why it is built, and of which repository it is.
public struct BuildContext: Hashable, Sendable {
  /// What a repository says of itself; what it does not say is empty.
  public struct Repository: Hashable, Sendable {
    /// The name, without its owner.
    public var name = ""
    /// What it is about.
    public var description = ""
    /// Where it is on the web.
    public var address = ""
    /// The licence's SPDX identifier.
    public var license = ""

    /// Knows nothing yet.
    public init() {}
  }

  /// The name of the event that the build is about, as GitHub names events.
  public var event = ""
  /// What is built.
  public var reference = GitReference.other("")
  /// The commit's digest in hexadecimal, empty where there is none.
  public var commit = ""
  /// The branch that a pull request is to go to, or that a tag was made from.
  public var baseBranch: String?
  /// The repository's default branch.
  public var defaultBranch: String?
  /// Whether the event is one that always builds the default branch, whatever the reference says.
  public var buildsDefaultBranch = false
  /// When the commit was made; nil where that is not known.
  public var commitDate: Timestamp?
  /// The repository.
  public var repository = Repository()

  /// Knows nothing yet.
  public init() {}

  /// Whether the default branch is built.
  var isDefaultBranch: Bool {
    switch reference {
    case .other(""), .branch(""): false
    case .branch(let name): name == defaultBranch || buildsDefaultBranch
    default: buildsDefaultBranch
    }
  }
}
