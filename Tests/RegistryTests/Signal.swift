/// Something that happens once, and that one task waits for.
struct Signal: Sendable {
  private let stream: AsyncStream<Void>
  private let source: AsyncStream<Void>.Continuation

  init() {
    (stream, source) = AsyncStream.makeStream(of: Void.self)
  }

  func send() { source.finish() }

  func wait() async {
    for await _ in stream {}
  }
}
