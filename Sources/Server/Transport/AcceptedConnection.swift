import HummingbirdCore
package import NIOCore
import Synchronization

/// A connection that was accepted, to be served once.
///
/// A server that stops lets go of what it accepted meanwhile, and NIO ends the process where an asynchronous channel is
/// let go without having been served. So this closes one that nobody takes.
package final class AcceptedConnection<Inbound: Sendable, Outbound: Sendable>: ServerChildChannelValue {
  private let asyncChannel: NIOAsyncChannel<Inbound, Outbound>
  private let isTaken = Atomic(false)

  /// Takes over the end of a channel; to be called on its event loop.
  package init(
    _ channel: any Channel, configuration: NIOAsyncChannel<Inbound, Outbound>.Configuration = .init()
  ) throws {
    asyncChannel = try NIOAsyncChannel(wrappingChannelSynchronously: channel, configuration: configuration)
  }

  /// The channel below.
  package var channel: any Channel { asyncChannel.channel }

  /// Gives it to whoever serves it, and has to do so.
  package func take() -> NIOAsyncChannel<Inbound, Outbound> {
    isTaken.store(true, ordering: .relaxed)
    return asyncChannel
  }

  deinit {
    guard !isTaken.load(ordering: .relaxed) else { return }
    let asyncChannel = asyncChannel
    // That its client has gone already is nothing to anybody.
    Task { try? await asyncChannel.executeThenClose { _, _ in } }
  }
}
