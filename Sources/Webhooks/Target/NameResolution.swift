internal import Access
internal import NIOPosix

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// Looks names up as the system does.
enum NameResolution {
  /// A name server that does not answer holds a thread for long.
  private static let threads: NIOThreadPool = {
    let pool = NIOThreadPool(numberOfThreads: 8)
    pool.start()
    return pool
  }()

  /// The addresses of a host, in the order in which the system would try them.
  static func addresses(of host: String) async throws(WebhookFailure) -> [ClientAddress] {
    do {
      return try await threads.runIfActive { try lookUp(host) }
    } catch let failure as WebhookFailure {
      throw failure
    } catch {
      throw WebhookFailure("\(host) could not be looked up: \(error)")
    }
  }

  private static func lookUp(_ host: String) throws(WebhookFailure) -> [ClientAddress] {
    var hints = addrinfo()
    hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
    var list: UnsafeMutablePointer<addrinfo>?
    let status = getaddrinfo(host, nil, &hints, &list)
    guard status == 0 else {
      throw WebhookFailure("\(host) could not be looked up: \(String(cString: gai_strerror(status)))")
    }
    defer { freeaddrinfo(list) }
    var addresses: [ClientAddress] = []
    var next = list
    while let entry = next?.pointee {
      addresses.append(address(entry))
      next = entry.ai_next
    }
    return addresses
  }

  private static func address(_ entry: addrinfo) -> ClientAddress {
    let bytes = UnsafeRawBufferPointer(start: entry.ai_addr, count: Int(entry.ai_addrlen))
    switch entry.ai_family {
    case AF_INET:
      return ClientAddress(ipv4: UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 4, as: UInt32.self)))
    case AF_INET6:
      return ClientAddress(ipv6: UInt128(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt128.self)))
    default: return .unknown
    }
  }
}
