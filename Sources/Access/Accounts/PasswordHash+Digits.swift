extension PasswordHash {
  /// The 64 digits in which crypt(5) writes salts, hashes and costs.
  enum Digits {
    private static let values: [UInt8: Int] = {
      let digits = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
      return Dictionary(uniqueKeysWithValues: zip(digits.utf8, 0...))
    }()

    /// What a digit stands for; nil for other characters.
    static func value(_ character: UInt8) -> Int? {
      values[character]
    }

    /// What digits stand for, the lowest first; nil where another character is among them.
    static func value(littleEndian characters: some BidirectionalCollection<UInt8>) -> Int? {
      characters.reversed().reduce(0) { sum, character in
        guard let sum, let digit = value(character) else { return nil }
        return sum << 6 | digit
      }
    }

    /// Whether characters are digits, and as many as they should be.
    static func are(_ characters: some Collection<UInt8>, count: ClosedRange<Int>) -> Bool {
      count.contains(characters.count) && characters.allSatisfy { value($0) != nil }
    }
  }
}
