internal import CCrypt
internal import Glibc

/// The way to libcrypt. Everything here takes as long as the hash says, and belongs on a thread of its own.
extension PasswordHash {
  /// What the library and the system say of a hash that could not be computed.
  struct CryptFailure: Error {
    let errno: CInt
  }

  /// Makes the hash of a password with a salt of its own: yescrypt, 32 MiB of memory.
  init(hashing password: Password) throws(CryptFailure) {
    let hash = try Self.crypt(password.text, setting: Self.newSetting())
    do {
      try self.init(parsing: String(decoding: hash, as: UTF8.self))
    } catch {
      preconditionFailure("libcrypt writes hashes that can be read: \(error)")
    }
  }

  /// Whether a text is the password, in a time that does not depend on how much of the hash is the same.
  func matches(_ candidate: String) throws(CryptFailure) -> Bool {
    let computed = try Self.crypt(candidate, setting: text)
    let expected = text.utf8
    guard computed.count == expected.count else { return false }
    return zip(computed, expected).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
  }

  private static func newSetting() throws(CryptFailure) -> String {
    // A cost of 6 is N = 8192 and r = 32, `newHashMemory`.
    let setting = withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(CRYPT_GENSALT_OUTPUT_SIZE)) { output in
      crypt_gensalt_rn("$y$", 6, nil, 0, output.baseAddress, CInt(output.count)).map { String(cString: $0) }
    }
    guard let setting else { throw CryptFailure(errno: errno) }
    return setting
  }

  private static func crypt(_ phrase: String, setting: String) throws(CryptFailure) -> [UInt8] {
    let size = MemoryLayout<crypt_data>.size
    // The room that libcrypt works in is large for a stack, has to begin as zeros, and holds what could be guessed at.
    let room = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: MemoryLayout<crypt_data>.alignment)
    room.initializeMemory(as: UInt8.self, repeating: 0, count: size)
    defer {
      explicit_bzero(room, size)
      room.deallocate()
    }
    guard let hash = crypt_rn(phrase, setting, room, CInt(size)) else { throw CryptFailure(errno: errno) }
    return Array(UnsafeRawBufferPointer(start: hash, count: strlen(hash)))
  }
}
