/// Why a request body ended before it was whole.
///
/// The transport has answered the client by the time that a route meets one of these; what the route writes is
/// thrown away.
enum RequestBodyError: Error, Equatable {
  /// The client closed the connection in the middle of the body.
  case truncated
  /// No byte came for the time that a client may be silent.
  case stalled
  /// The bytes are not a body in the declared transfer coding.
  case malformed
}

extension RequestBodyError: CustomStringConvertible {
  var description: String {
    switch self {
    case .truncated: "the connection was closed before the end of the request body"
    case .stalled: "the request body stopped arriving"
    case .malformed: "the request body is not in its declared transfer coding"
    }
  }
}
