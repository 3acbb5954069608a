/// What is stored of a password: a string of crypt(5) that says the scheme, its cost, the salt and the hash.
///
/// Hashes of our own are yescrypt. Those of other systems are taken over where their scheme is still worth its name and
/// computing them cannot keep a thread for more than about a second.
public struct PasswordHash: Hashable, Sendable {
  enum Scheme: Hashable {
    case bcrypt, shaCrypt, scrypt, yescrypt
  }

  /// The string of crypt(5), as it is stored.
  public let text: String

  let scheme: Scheme

  /// Whether the scheme or its cost is not that of new hashes, so that the password should be hashed again when it is
  /// known, which is after a login.
  public let needsRehash: Bool

  /// Reads bcrypt (`$2a$`, `$2b$`, `$2y$`) of a cost up to 14, SHA-crypt (`$5$`, `$6$`) of up to 1,000,000 rounds, and
  /// scrypt (`$7$`) and yescrypt (`$y$`) that take up to 128 MiB.
  public init(parsing text: some StringProtocol) throws(InvalidPasswordHash) {
    let bytes = Array(text.utf8)
    let fields = bytes.split(separator: UInt8(ascii: "$"), omittingEmptySubsequences: false)
    guard fields.count > 2, fields[0].isEmpty else { throw InvalidPasswordHash(foreign: bytes) }
    let rest = fields.dropFirst(2)
    var yescryptMemory = 0
    switch String(decoding: fields[1], as: UTF8.self) {
    case "2a", "2b", "2y":
      scheme = .bcrypt
      try Self.checkBcrypt(rest)
    case "5":
      scheme = .shaCrypt
      try Self.checkSHACrypt(rest, hashLength: 43)
    case "6":
      scheme = .shaCrypt
      try Self.checkSHACrypt(rest, hashLength: 86)
    case "7":
      scheme = .scrypt
      try Self.checkScrypt(rest)
    case "y":
      scheme = .yescrypt
      yescryptMemory = try Self.checkYescrypt(rest)
    default: throw InvalidPasswordHash(foreign: bytes)
    }
    needsRehash = yescryptMemory < Self.newHashMemory
    self.text = String(text)
  }

  /// Whether the scheme looks at all bytes of a text: bcrypt knows the first 72 only.
  func takesWhole(_ candidate: String) -> Bool {
    scheme != .bcrypt || candidate.utf8.count <= 72
  }
}

extension PasswordHash: CustomStringConvertible, CustomReflectable {
  /// The scheme, such as `a bcrypt hash`; not the hash, which could be guessed at.
  public var description: String {
    switch scheme {
    case .bcrypt: "a bcrypt hash"
    case .shaCrypt: "a SHA-crypt hash"
    case .scrypt: "an scrypt hash"
    case .yescrypt: "a yescrypt hash"
    }
  }

  /// No children.
  public var customMirror: Mirror { Mirror(self, children: []) }
}

/// Why a text is no hash of a password that can be used.
public struct InvalidPasswordHash: Error, Hashable, Sendable, CustomStringConvertible {
  /// What was wrong, and what would be right; not the text.
  public let description: String

  init(_ reason: String) {
    description =
      "\(reason); bcrypt (as `htpasswd -B` makes it), SHA-crypt ($5$, $6$), scrypt ($7$) and yescrypt ($y$) can be used"
  }

  static func damaged(_ hash: String) -> Self {
    Self("\(hash) that is damaged cannot be used: a part of it has the wrong length or characters")
  }

  /// Names the scheme of a hash that is not taken.
  fileprivate init(foreign bytes: [UInt8]) {
    let text = String(decoding: bytes, as: UTF8.self)
    let known = [
      ("$1$", "MD5"), ("$apr1$", "Apache's MD5"), ("{SHA}", "plain SHA-1"), ("{SSHA}", "salted SHA-1"),
      ("$sha1$", "SHA-1"), ("$2x$", "bcrypt with a known fault ($2x$)"), ("$argon2", "Argon2"),
    ]
    if let (_, name) = known.first(where: { text.hasPrefix($0.0) }) {
      self.init("a hash by \(name) cannot be used")
    } else if bytes.count == 13, bytes.allSatisfy({ PasswordHash.Digits.value($0) != nil }) {
      self.init("a hash by DES, or a plain password, cannot be used")
    } else {
      self.init("this is not a hash of a known scheme")
    }
  }
}
