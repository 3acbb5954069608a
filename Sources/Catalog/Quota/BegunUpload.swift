/// An upload that is in progress.
public struct BegunUpload: Hashable, Sendable {
  /// The quota that leaves it least room; nil where none holds.
  public let quota: Quota?
}
