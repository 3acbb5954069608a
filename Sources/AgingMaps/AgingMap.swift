/// A map of bounded size that forgets what was not written for longest.
///
/// There are two generations. What is written goes into the young one; when that is full, the old one is forgotten, the
/// young one is the old one, and an empty one is young. So forgetting costs nothing for each entry, and nobody can push
/// out what is in use without writing half the capacity first.
public struct AgingMap<Key: Hashable & Sendable, Value: Sendable>: Sendable {
  private let generationLimit: Int
  private var young: [Key: Value] = [:]
  private var old: [Key: Value] = [:]

  /// Holds `capacity` entries at the most, and half of it at the least before it forgets one.
  public init(capacity: Int) {
    generationLimit = max(1, capacity / 2)
  }

  /// How many entries take memory; one that was written again may count twice.
  public var count: Int { young.count + old.count }

  /// Whether the next new entry makes room for itself by forgetting.
  public var isYoungFull: Bool { young.count >= generationLimit }

  /// What was written for a key and not forgotten since; nil takes it out.
  public subscript(key: Key) -> Value? {
    get { young[key] ?? old[key] }
    set {
      guard let newValue else {
        young[key] = nil
        old[key] = nil
        return
      }
      if isYoungFull, young[key] == nil { age() }
      young[key] = newValue
    }
  }

  /// Forgets what was not written since the last time.
  public mutating func age() {
    old = young
    young = [:]
  }
}
