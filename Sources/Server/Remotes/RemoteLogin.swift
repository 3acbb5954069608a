import NIOPosix
import OCI
import RegistryClient

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A name, and the file that its password is read from each time it is needed, so that it can be replaced.
struct RemoteLogin: Hashable, CredentialSource {
  let user: String
  let passwordFile: String

  func credential(for host: RegistryHost, repository: RepositoryName?) async throws -> RegistryCredential? {
    let path = passwordFile
    let text = try await NIOThreadPool.singleton.runIfActive { try Self.firstLine(of: path) }
    return .password(user: user, password: text)
  }

  private static func firstLine(of path: String) throws(UnreadablePassword) -> String {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw UnreadablePassword("\(path): \(String(cString: strerror(errno)))") }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: longest)
    let count = bytes.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
    guard count >= 0 else { throw UnreadablePassword("\(path): \(String(cString: strerror(errno)))") }
    let line = bytes[..<count].prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
    guard !line.isEmpty, let text = String(validating: line, as: UTF8.self) else {
      throw UnreadablePassword("\(path): its first line should be a password or a token")
    }
    return text
  }

  /// In bytes; tokens of cloud registries have some thousands.
  private static let longest = 64 << 10
}

/// Why a password could not be read; what is in the file is not told.
private struct UnreadablePassword: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) {
    self.description = description
  }
}
