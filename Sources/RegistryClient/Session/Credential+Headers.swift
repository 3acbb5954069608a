internal import Foundation

extension RegistryCredential {
  /// The value of `Authorization` for a name and a password (RFC 7617), nil for other credentials.
  var basic: String? {
    guard case .password(let user, let password) = self else { return nil }
    return "Basic " + Data("\(user):\(password)".utf8).base64EncodedString()
  }
}
