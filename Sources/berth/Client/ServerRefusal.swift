import Foundation
import NIOHTTP1

/// That a server did not do what was asked: its message, one line for people.
struct ServerRefusal: Error, CustomStringConvertible {
  private let status: HTTPResponseStatus
  /// The server's message, and what to do about it where that is known.
  let description: String

  /// Whether it is there already, or something is in the way.
  var isConflict: Bool { status == .conflict }

  /// Whether what was sent cannot be.
  var isInvalid: Bool { status == .badRequest }

  /// Takes what a server answered.
  init(_ status: HTTPResponseStatus, location: String?, body: Data, from connection: Connection) {
    self.status = status
    let server = connection.server
    if let location, (300..<400).contains(status.code) {
      description = "\(server) redirects to \(PlainText.line(location)): write that server as --server"
      return
    }
    guard let message = Self.message(in: body) else {
      description =
        "\(server) answers \(status.code) \(PlainText.line(status.reasonPhrase)), which is no answer of berth: "
        + "is --server right?"
      return
    }
    let advice = status == .unauthorized ? Self.advice(connection) : nil
    description = advice.map { "\(message); \($0)" } ?? message
  }

  private static func advice(_ connection: Connection) -> String? {
    let server = connection.server
    let ways = "`berth login \(server) -u USER` logs in, and --token or BERTH_TOKEN takes a token"
    if let credential = connection.credential {
      return credential.origin.map { "the credential was \($0): \(ways)" }
    }
    return ways
  }

  /// The form of errors (OCI distribution spec, "Error Codes").
  private struct Errors: Decodable {
    struct Fault: Decodable {
      let code: String
      let message: String?
    }
    let errors: [Fault]
  }

  private static func message(in body: Data) -> String? {
    guard let faults = try? JSONDecoder().decode(Errors.self, from: body).errors, !faults.isEmpty else { return nil }
    return PlainText.line(faults.map { $0.message ?? $0.code }.joined(separator: "; "))
  }
}
