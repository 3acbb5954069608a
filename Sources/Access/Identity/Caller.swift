public import Catalog

/// Who asks for something, and from where.
public struct Caller: Hashable, Sendable {
  /// Who.
  public let identity: Identity
  /// From where.
  public let address: ClientAddress

  /// Makes one of its parts.
  public init(identity: Identity, address: ClientAddress) {
    self.identity = identity
    self.address = address
  }

  /// Who this is, as history and audit tell it.
  public var actor: Author { identity.actor(from: address) }
}
