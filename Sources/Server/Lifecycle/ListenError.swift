import NIOCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Why a server cannot listen on the address it was given.
public struct ListenError: Error, CustomStringConvertible {
  /// What is wrong, and what would help.
  public let description: String

  init(_ address: ListenAddress, _ error: IOError) {
    switch error.errnoCode {
    case EADDRINUSE:
      description = "\(address) is in use by another process: stop that one, or choose another address with --listen"
    case EACCES:
      description = "this user may not listen on \(address): choose a port above 1023 with --listen"
    case EADDRNOTAVAIL:
      description = "this machine does not have the address of \(address): choose one that it has with --listen"
    default:
      description = "cannot listen on \(address): \(error)"
    }
  }
}
