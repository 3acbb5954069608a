import HummingbirdCore
import NIOCore
import ServiceLifecycle

/// A server on an address that a setting gives.
struct Listener: Service {
  let server: Server<RegistryChannel>
  let address: ListenAddress
  /// The flag that sets the address.
  let flag: String

  /// Serves until it is told to stop.
  ///
  /// - Throws: ``ListenError`` where the address cannot be listened on.
  func run() async throws {
    do {
      try await server.run()
    } catch let error as IOError {
      throw ListenError(address, flag: flag, error)
    }
  }
}
