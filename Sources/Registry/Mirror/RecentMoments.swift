internal import OCI

/// When something was last so, for a bounded number of things; what was noted longest ago is forgotten first.
struct RecentMoments<Key: Hashable & Sendable>: Sendable {
  private let generationLimit: Int
  private var young: [Key: Timestamp] = [:]
  private var old: [Key: Timestamp] = [:]

  /// Remembers half of `capacity` things at the least, and no more than all of it.
  init(capacity: Int) {
    generationLimit = max(1, capacity / 2)
  }

  subscript(key: Key) -> Timestamp? {
    get { young[key] ?? old[key] }
    set {
      guard let newValue else {
        young[key] = nil
        old[key] = nil
        return
      }
      if young.count >= generationLimit, young[key] == nil {
        old = young
        young = [:]
      }
      young[key] = newValue
    }
  }
}
