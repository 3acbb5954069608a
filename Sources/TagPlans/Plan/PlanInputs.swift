/// What a plan is made from, each input as lines or blocks of lines in the form of docker/metadata-action.
public struct PlanInputs: Hashable, Sendable {
  /// The images that get the tags; where there are none, tags stand alone.
  public var images: [String] = []
  /// The rules that tags come from.
  public var tags: [String] = []
  /// What holds for all tags.
  public var flavor: [String] = []
  /// Labels besides the usual ones.
  public var labels: [String] = []
  /// Annotations besides the usual ones.
  public var annotations: [String] = []

  /// Takes nothing yet.
  public init() {}
}
