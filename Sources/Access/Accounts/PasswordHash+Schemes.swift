/// The forms and costs of the schemes, as crypt(5) describes them. Fields are what stands between dollar signs, after
/// the one that names the scheme.
extension PasswordHash {
  typealias Fields = ArraySlice<ArraySlice<UInt8>>

  /// The bytes that computing a new hash takes.
  static let newHashMemory = 32 << 20

  /// The bytes that computing a hash from elsewhere may take.
  private static let maximumMemory = 4 * newHashMemory

  /// `12$`, then 22 digits of salt and 31 of hash.
  static func checkBcrypt(_ fields: Fields) throws(InvalidPasswordHash) {
    guard fields.count == 2, let costField = fields.first, costField.count == 2, let cost = number(costField),
      let digits = fields.last, Digits.are(digits, count: 53...53),
      // 128 bits of salt are 21 digits and two bits. Were more bits set, the hash that bcrypt computes would never be
      // the same text, because it writes them as zero.
      ".Oeu".utf8.contains(digits[digits.startIndex + 21])
    else { throw .damaged("a bcrypt hash") }
    guard (4...14).contains(cost) else {
      throw InvalidPasswordHash("a bcrypt hash of cost \(cost) cannot be used, the cost must be from 4 to 14")
    }
  }

  /// `rounds=5000$` or nothing, then up to 16 digits of salt, `$` and the hash.
  static func checkSHACrypt(_ fields: Fields, hashLength: Int) throws(InvalidPasswordHash) {
    var fields = fields
    let label = "rounds="
    if let first = fields.first, first.starts(with: label.utf8) {
      let digits = first.dropFirst(label.utf8.count)
      guard digits.first != UInt8(ascii: "0"), let rounds = number(digits) else { throw .damaged("a SHA-crypt hash") }
      guard (1000...1_000_000).contains(rounds) else {
        throw InvalidPasswordHash("a SHA-crypt hash of \(rounds) rounds cannot be used, 1000 to 1000000 can")
      }
      fields = fields.dropFirst()
    }
    guard fields.count == 2, let salt = fields.first, let hash = fields.last,
      Digits.are(salt, count: 1...16), Digits.are(hash, count: hashLength...hashLength)
    else { throw .damaged("a SHA-crypt hash") }
  }

  /// A digit of log2 N, five of r, five of p and up to 64 of salt, then `$` and the hash.
  static func checkScrypt(_ fields: Fields) throws(InvalidPasswordHash) {
    guard fields.count == 2, let setting = fields.first, let hash = fields.last,
      Digits.are(setting, count: 12...75), Digits.are(hash, count: 43...43),
      let exponent = Digits.value(littleEndian: setting.prefix(1)), exponent > 0,
      let blockSize = Digits.value(littleEndian: setting.dropFirst().prefix(5)), blockSize > 0,
      let parallelism = Digits.value(littleEndian: setting.dropFirst(6).prefix(5)), parallelism > 0
    else { throw .damaged("an scrypt hash") }
    // p lanes take p times as long as one; they are counted as if they took as much memory.
    _ = try memory("an scrypt hash", exponent: exponent, blocks: blockSize * parallelism)
  }

  /// `j`, a digit of log2 N and one of r, then `$`, up to 86 digits of salt, `$` and the hash.
  ///
  /// - Returns: the bytes that computing it takes.
  static func checkYescrypt(_ fields: Fields) throws(InvalidPasswordHash) -> Int {
    guard fields.count == 3, let parameters = fields.first, let hash = fields.last,
      Digits.are(parameters, count: 3...86), Digits.are(fields.dropFirst().first!, count: 2...86),
      Digits.are(hash, count: 43...43)
    else { throw .damaged("a yescrypt hash") }
    let values = parameters.compactMap(Digits.value)
    // Numbers from 48 take more digits than one.
    guard values.count == 3, parameters.first == UInt8(ascii: "j"), values[1] < 48, values[2] < 48 else {
      throw InvalidPasswordHash("a yescrypt hash of a rare flavour cannot be used, one that begins like $y$j9T$ can")
    }
    return try memory("a yescrypt hash", exponent: values[1] + 1, blocks: values[2] + 1)
  }

  /// 2 to the power of `exponent` times `blocks` blocks of 128 bytes (RFC 7914, section 2).
  private static func memory(_ hash: String, exponent: Int, blocks: Int) throws(InvalidPasswordHash) -> Int {
    guard exponent < 24, blocks <= maximumMemory / (128 << exponent) else {
      throw InvalidPasswordHash("\(hash) that takes more than \(maximumMemory >> 20) MiB cannot be used")
    }
    return blocks * (128 << exponent)
  }

  /// A decimal number.
  private static func number(_ characters: ArraySlice<UInt8>) -> Int? {
    guard characters.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
    return Int(String(decoding: characters, as: UTF8.self))
  }
}
