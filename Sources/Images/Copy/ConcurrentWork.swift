extension Sequence where Element: Sendable, Self: Sendable {
  /// Works on all elements, a number of them at the same time, and gives the results in the elements' order.
  ///
  /// - Throws: the first error; what is at work then is cancelled.
  func concurrently<Result: Sendable>(
    _ limit: Int, _ work: @escaping @Sendable (Element) async throws -> Result
  ) async throws -> [Result] {
    try await withThrowingTaskGroup(of: (Int, Result).self) { group in
      var results: [Int: Result] = [:]
      var (iterator, started) = (makeIterator(), 0)
      func start() {
        guard let element = iterator.next() else { return }
        let index = started
        started += 1
        group.addTask { (index, try await work(element)) }
      }
      for _ in 0..<Swift.max(1, limit) { start() }
      while let (index, result) = try await group.next() {
        results[index] = result
        start()
      }
      return (0..<started).compactMap { results[$0] }
    }
  }
}
