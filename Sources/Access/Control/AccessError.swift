public import Catalog

/// Why somebody was not let in, or a change was not made.
public enum AccessError: Error, Sendable, CustomStringConvertible {
  /// The credential does not hold; the message does not tell whether there is such an account.
  case invalidCredentials(String)
  /// There were too many wrong logins.
  case throttled(retryAfter: Duration)
  /// More logins wait than can be looked at.
  case busy
  /// An issuer of identity tokens cannot be asked for its keys.
  case issuerUnavailable(String)
  /// The one who asks may not do it.
  case denied(String)
  /// What was asked for cannot be.
  case invalid(String)
  /// It is there already, or is in the way.
  case conflict(String)
  /// There is nothing of that name, or the one who asks may not know.
  case unknown(String)
  /// Something of the registry's own failed.
  case failed(String)
  /// The catalogue failed.
  case catalog(CatalogError)

  /// What is wrong, for people.
  public var description: String {
    switch self {
    case .invalidCredentials(let message), .denied(let message), .invalid(let message), .conflict(let message),
      .unknown(let message), .issuerUnavailable(let message),
      .failed(let message):
      message
    case .throttled(let duration):
      "too many wrong logins: try again in \(max(1, duration.components.seconds)) s"
    case .busy: "too many logins at once: try again in a moment"
    case .catalog(let error): error.description
    }
  }
}
