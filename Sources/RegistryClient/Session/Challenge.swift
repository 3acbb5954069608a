/// How a server wants to be shown who asks (RFC 9110, section 11.6.1, `challenge`).
struct Challenge: Hashable, Sendable {
  /// The scheme in lower case, such as `bearer`.
  let scheme: String
  /// The parameters, their names in lower case.
  let parameters: [String: String]

  /// Reads a `WWW-Authenticate` header's value, which may hold several challenges.
  ///
  /// - Throws: `InvalidChallenge` where it does not follow the grammar, or names a parameter twice.
  static func parse(_ header: some StringProtocol) throws(InvalidChallenge) -> [Challenge] {
    var reader = ChallengeReader(text: Array(header.utf8))
    return try reader.challenges()
  }
}

/// Why a header's value holds no challenges.
struct InvalidChallenge: Error, Hashable, CustomStringConvertible {
  let reason: String

  var description: String {
    "its WWW-Authenticate cannot be read: \(reason); it reads like Bearer realm=\"https://example.org/token\""
  }
}

private struct ChallengeReader {
  let text: [UInt8]
  var position = 0

  private var next: UInt8? { position < text.count ? text[position] : nil }

  /// In a list of challenges a comma parts parameters as well as challenges: what follows it is a parameter where a
  /// token is followed by `=`, and a challenge otherwise.
  mutating func challenges() throws(InvalidChallenge) -> [Challenge] {
    var challenges: [Challenge] = []
    skipCommas()
    while next != nil {
      let scheme = try token("a scheme").lowercased()
      guard next == nil || isSpace || next == UInt8(ascii: ",") else {
        throw InvalidChallenge(reason: "a scheme is followed by a space")
      }
      skipSpace()
      var parameters: [String: String] = [:]
      if !takeToken68() {
        while let (name, value) = try parameter() {
          guard parameters.updateValue(value, forKey: name) == nil else {
            throw InvalidChallenge(reason: "\(name) stands twice")
          }
          skipSpace()
          guard next == nil || next == UInt8(ascii: ",") else {
            throw InvalidChallenge(reason: "parameters are parted by commas")
          }
          skipCommas()
        }
      }
      challenges.append(Challenge(scheme: scheme, parameters: parameters))
      guard challenges.count <= 16 else { throw InvalidChallenge(reason: "there are too many challenges") }
      skipCommas()
    }
    return challenges
  }

  private var isSpace: Bool { next == 0x20 || next == 0x09 }

  private mutating func skipSpace() { while isSpace { position += 1 } }

  private mutating func skipCommas() { while isSpace || next == UInt8(ascii: ",") { position += 1 } }

  private mutating func token(_ what: String) throws(InvalidChallenge) -> String {
    let start = position
    while let byte = next, Self.isTokenCharacter(byte) { position += 1 }
    guard position > start else { throw InvalidChallenge(reason: "\(what) should stand at byte \(start)") }
    return String(decoding: text[start..<position], as: UTF8.self)
  }

  /// A parameter, or nil where none stands next and nothing is taken.
  private mutating func parameter() throws(InvalidChallenge) -> (String, String)? {
    let start = position
    guard let byte = next, Self.isTokenCharacter(byte) else { return nil }
    let name = try token("a parameter").lowercased()
    skipSpace()
    guard next == UInt8(ascii: "=") else {
      position = start
      return nil
    }
    position += 1
    skipSpace()
    return (name, next == UInt8(ascii: "\"") ? try quotedString() : try token("a value"))
  }

  private mutating func quotedString() throws(InvalidChallenge) -> String {
    position += 1
    var value: [UInt8] = []
    while let byte = next {
      position += 1
      switch byte {
      case UInt8(ascii: "\""):
        guard let text = String(validating: value, as: UTF8.self) else {
          throw InvalidChallenge(reason: "a value is not valid UTF-8")
        }
        return text
      case UInt8(ascii: "\\"):
        guard let escaped = next else { throw InvalidChallenge(reason: "a quoted value has no end") }
        value.append(escaped)
        position += 1
      default:
        guard byte >= 0x20 || byte == 0x09, byte != 0x7f else {
          throw InvalidChallenge(reason: "a control character stands in a value")
        }
        value.append(byte)
      }
    }
    throw InvalidChallenge(reason: "a quoted value has no end")
  }

  /// Data in place of parameters, as `Negotiate` has it, which is passed over.
  private mutating func takeToken68() -> Bool {
    let start = position
    while let byte = next, Self.isTokenCharacter(byte) || byte == UInt8(ascii: "/") { position += 1 }
    let hasCharacters = position > start
    while next == UInt8(ascii: "=") { position += 1 }
    let end = position
    skipSpace()
    if hasCharacters, next == nil || next == UInt8(ascii: ","), isToken68(start..<end) { return true }
    position = start
    return false
  }

  /// `Basic, Bearer realm="x"` has schemes only: what stands alone behind a comma was never taken for data, because a
  /// scheme was read first.
  private func isToken68(_ range: Range<Int>) -> Bool {
    text[range].allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
      default: "-._~+/=".utf8.contains(byte)
      }
    }
  }

  private static func isTokenCharacter(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
    }
  }
}
