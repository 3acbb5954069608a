/// What a tag came from, which says what other versions would make of it.
struct TagOrigin: Hashable, Sendable {
  /// The kind of origin.
  enum Kind: Hashable, Sendable {
    /// `latest` of the flavor.
    case latest
    /// A part of a version, or all of it; whole versions have at least so many numbers.
    case version(Template, ReleaseNumbers, leastNumbers: Int)
    /// A pre- or post-release, where the template is what releases are made tags by.
    case unstable(Template, ReleaseNumbers, leastNumbers: Int)
    /// A name of Git's, or a part of one, which may read as a version.
    case name(String)
    /// Anything else.
    case other
  }

  let kind: Kind
  /// What stands before what the kind says.
  let prefix: String
  /// What stands behind it.
  let suffix: String
}
