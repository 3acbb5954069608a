internal import OCI

/// A token that a registry takes for a while.
struct AccessToken: Sendable {
  /// What is sent behind `Bearer`.
  let value: String
  /// When it is renewed, which is before it ends.
  let renewal: Timestamp

  /// Reads what a token service answers.
  ///
  /// - Parameters:
  ///   - sent: when the answer was asked for: what the token lives is counted from there.
  ///   - date: the service's own clock, by which a token that it made earlier is known to be older.
  /// - Throws: `InvalidTokenAnswer`.
  init(parsing body: [UInt8], sent: Timestamp, date: Timestamp?) throws(InvalidTokenAnswer) {
    let json: JSONValue
    do {
      json = try JSONValue(parsing: body)
    } catch {
      throw InvalidTokenAnswer(reason: "it is not JSON: \(error)")
    }
    let found = ["token", "access_token"].lazy.compactMap { name -> String? in
      guard case .string(let text)? = json[name], !text.isEmpty else { return nil }
      return text
    }.first
    guard let found else { throw InvalidTokenAnswer(reason: "it holds neither token nor access_token") }
    guard found.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
      throw InvalidTokenAnswer(reason: "its token holds what cannot stand in a header")
    }
    value = found
    var seconds: Int64 = 60
    if case .integer(let given)? = json["expires_in"] { seconds = min(max(given, 60), 30 * 86_400) }
    var age: Int64 = 0
    if case .string(let text)? = json["issued_at"], let issued = Timestamp(rfc3339: text), let date {
      age = max(0, date.milliseconds - issued.milliseconds)
    }
    // A quarter of its life, or half a minute, is left for requests that are on their way.
    let life = seconds * 1000
    renewal = Timestamp(milliseconds: sent.milliseconds + life - min(life / 4, 30_000) - min(age, life))
  }
}

/// Why a token service's answer holds no token.
struct InvalidTokenAnswer: Error, CustomStringConvertible {
  let reason: String

  var description: String { reason }
}
