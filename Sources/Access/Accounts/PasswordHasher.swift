internal import Glibc
internal import Locks
internal import NIOPosix

/// Hashes passwords and checks them, a few at a time, away from the threads that serve requests.
///
/// One hash takes some ten milliseconds of a core and 32 MiB of memory. Two threads and a short queue keep a flood of
/// logins from taking all cores and all memory; who comes when the queue is full is told so at once.
public final class PasswordHasher: Sendable {
  private static let threads: NIOThreadPool = {
    let pool = NIOThreadPool(numberOfThreads: 2)
    pool.start()
    return pool
  }()

  /// What is computed where there is nothing to compare with; its cost is that of new hashes, and it fits no password.
  static let decoy: PasswordHash = {
    let hash = String(repeating: ".", count: 43)
    do {
      return try PasswordHash(parsing: "$y$jAT$bOeSqfIuV3hgbb1fCroyH/$\(hash)")
    } catch {
      preconditionFailure("the hash is one: \(error)")
    }
  }()

  private let freePlaces: Locked<Int>

  /// Lets `queueLimit` requests wait besides those that are being worked on.
  public init(queueLimit: Int = 64) {
    freePlaces = Locked(queueLimit + Self.threads.numberOfThreads)
  }

  /// Makes the hash of a password.
  public func hash(_ password: Password) async throws(PasswordHashingError) -> PasswordHash {
    try await run { () throws(PasswordHash.CryptFailure) in try PasswordHash(hashing: password) }
  }

  /// Whether a text is the password that a hash was made of; never for nil, which is for no account or no password.
  ///
  /// How long a refusal takes does not tell one from the other: each takes one hash of our own and one of the cost of
  /// `decoy`, whichever of them there is to compare with. Where accounts come from a file of foreign hashes, one
  /// of them is the decoy; where there is no such file, there is none to compute.
  ///
  /// A text longer than 72 bytes is not the password of a bcrypt hash, which would only look at the first 72.
  public func verify(
    _ candidate: String, against hash: PasswordHash?, decoy: PasswordHash? = nil
  ) async throws(PasswordHashingError) -> Bool {
    // This says nothing about the account: it is so for all of them.
    guard Password.canBeHashed(candidate) else { return false }
    let checked = hash.flatMap { $0.takesWhole(candidate) ? $0 : nil }
    let (first, onRefusal) = Self.hashes(toCompute: checked, decoy: decoy)
    return try await run { () throws(PasswordHash.CryptFailure) in
      if try first.matches(candidate), checked != nil { return true }
      _ = try onRefusal?.matches(candidate)
      return false
    }
  }

  /// The hash that an attempt is compared with, and the one that makes a refusal cost what every refusal costs.
  static func hashes(
    toCompute checked: PasswordHash?, decoy: PasswordHash?
  ) -> (first: PasswordHash, onRefusal: PasswordHash?) {
    guard let checked else { return (Self.decoy, decoy) }
    return (checked, checked.needsRehash ? Self.decoy : decoy)
  }

  private func run<Value: Sendable>(
    _ work: @escaping @Sendable () throws(PasswordHash.CryptFailure) -> Value
  ) async throws(PasswordHashingError) -> Value {
    try takePlace()
    defer { leavePlace() }
    let result = await withCheckedContinuation { continuation in
      // The threads are never stopped, so the work item is never a cancelled one.
      Self.threads.submit { _ in continuation.resume(returning: Result(catching: work)) }
    }
    do {
      return try result.get()
    } catch {
      throw .failed(String(cString: strerror(error.errno)))
    }
  }

  func takePlace() throws(PasswordHashingError) {
    try freePlaces.withLock { places throws(PasswordHashingError) in
      guard places > 0 else { throw .busy }
      places -= 1
    }
  }

  func leavePlace() {
    freePlaces.withLock { $0 += 1 }
  }
}

/// Why a password was neither hashed nor checked.
public enum PasswordHashingError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Too many wait already; later it may work.
  case busy
  /// libcrypt could not, for the reason that the system gives, such as too little memory.
  case failed(String)

  /// What happened.
  public var description: String {
    switch self {
    case .busy: "too many passwords wait to be checked, try again in some seconds"
    case .failed(let reason): "libcrypt cannot compute a hash: \(reason)"
    }
  }
}
