extension Tag {
  /// What a tag is about that was made of a digest.
  public struct Subject: Hashable, Sendable {
    /// The manifest that it is about.
    public let digest: Digest
    /// Whether it names the list of all that refers to the manifest, which each registry keeps by itself
    /// (OCI distribution spec, "Referrers tag schema"), and not a signature or the like, as cosign makes them.
    public let isList: Bool
  }

  /// What the tag is about; nil for one that stands for itself.
  public var subject: Subject? {
    guard let dash = value.firstIndex(of: "-") else { return nil }
    let rest = value[value.index(after: dash)...]
    let hex = rest.prefix { $0 != "." }
    guard let digest = try? Digest(parsing: "\(value[..<dash]):\(hex)") else { return nil }
    return Subject(digest: digest, isList: hex.endIndex == rest.endIndex)
  }
}
