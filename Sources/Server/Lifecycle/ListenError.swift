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

  /// - Parameter flag: that sets the address.
  init(_ address: ListenAddress, flag: String, _ error: IOError) {
    switch error.errnoCode {
    case EADDRINUSE:
      description = "\(address) is in use by another process: stop that one, or choose another address with \(flag)"
    case EACCES:
      description = "this user may not listen on \(address): choose a port above 1023 with \(flag)"
    case EADDRNOTAVAIL:
      description = "this machine does not have the address of \(address): choose one that it has with \(flag)"
    default:
      description = "cannot listen on \(address): \(error)"
    }
  }
}
