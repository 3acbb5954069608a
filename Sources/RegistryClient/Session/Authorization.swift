/// What is shown with a request.
struct Authorization: Sendable {
  enum Kind: Sendable, Equatable {
    case basic
    /// A token from a token service, with what it was asked for.
    case token(Set<TokenScope>)
    /// A token that the registry takes as it is.
    case registryToken
  }

  /// The value of the header field.
  let header: String
  let kind: Kind
  /// Whether it was there before the request, and may have ended or been revoked since.
  let isRemembered: Bool
}
