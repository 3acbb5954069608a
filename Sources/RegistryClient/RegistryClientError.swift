/// Why a registry did not do what it was asked to, or what it answered cannot be used.
public struct RegistryClientError: Error, Sendable {
  /// What kind of failure it is, for code to decide by.
  public enum Code: String, Hashable, Sendable {
    /// Credentials are missing, or were refused.
    case unauthorized
    /// The credentials do not allow it.
    case denied
    /// The repository, the manifest or the blob is not there.
    case notFound
    /// The registry limits how often it can be asked.
    case tooManyRequests
    /// The registry cannot be reached, or failed.
    case unavailable
    /// The answer is not what the specification has for it.
    case invalidAnswer
    /// Bytes are not those that their digest or size says.
    case digestMismatch
    /// The registry does not know how to do it.
    case unsupported
    /// The registry refuses what it was sent.
    case refused
    /// Configuration forbids to speak to the registry.
    case blocked
    /// The registry's certificate is not trusted, or no TLS can be agreed upon.
    case tls
  }

  /// What kind of failure it is.
  public let code: Code
  /// What was wrong, where, and what would be right; it holds no secret.
  public let message: String
  /// The host that it is about, with its port.
  public let host: String
  /// The status that was answered, where there was an answer.
  public let status: Int?
  /// How long the registry wants to be left alone, where it says so.
  public let retryAfter: Duration?

  /// Takes what is known of the failure.
  public init(_ code: Code, _ message: String, host: String, status: Int? = nil, retryAfter: Duration? = nil) {
    self.code = code
    self.message = message
    self.host = host
    self.status = status
    self.retryAfter = retryAfter
  }
}

extension RegistryClientError: CustomStringConvertible {
  /// The message.
  public var description: String { message }
}

extension RegistryClientError {
  /// Whether the same request may succeed a little later.
  var isTransient: Bool {
    switch code {
    case .tooManyRequests: true
    // 401 is a stream's, which was refused and cannot be sent again as it was.
    case .unavailable: status.map { [401, 408, 500, 502, 503, 504].contains($0) } ?? true
    default: false
    }
  }
}
