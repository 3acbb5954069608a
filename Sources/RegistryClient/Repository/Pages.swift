/// A list that comes in pages, each asked for when it is wanted.
public struct Pages<Element: Sendable>: AsyncSequence, Sendable {
  /// Asks for page after page.
  public struct AsyncIterator: AsyncIteratorProtocol {
    let pull: () async throws -> [Element]?

    /// The next page, or nil behind the last one.
    public mutating func next() async throws -> [Element]? { try await pull() }
  }

  let start: @Sendable () -> () async throws -> [Element]?

  /// Begins with the first page.
  public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(pull: start()) }

  /// All pages in one.
  public func all() async throws -> [Element] {
    var all: [Element] = []
    for try await page in self { all += page }
    return all
  }
}
