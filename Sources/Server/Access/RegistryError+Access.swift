import Access
import OCI
import Registry

extension RegistryError {
  /// What a client is told.
  init(_ error: AccessError) {
    switch error {
    case .invalidCredentials: self.init(.unauthorized, error.description, detail: ["reason": "invalid_token"])
    case .throttled(let duration):
      self.init(
        .tooManyRequests, error.description, detail: ["retryAfter": String(max(1, duration.components.seconds))])
    case .busy: self.init(.unavailable, error.description, detail: ["retryAfter": "1"])
    case .issuerUnavailable: self.init(.unavailable, error.description, detail: ["retryAfter": "30"])
    case .denied: self.init(.denied, error.description)
    case .invalid: self.init(.unsupported, error.description, status: 400)
    case .conflict: self.init(.denied, error.description, status: 409)
    case .unknown: self.init(.nameUnknown, error.description)
    case .failed: self.init(.unknown, error.description)
    case .catalog(let error): self.init(error)
    }
  }
}

/// Carries out what access control answers, and says what its refusal means to a client.
func allowing<Success: Sendable>(
  isolation: isolated (any Actor)? = #isolation, _ body: () async throws(AccessError) -> Success
) async throws(RegistryError) -> Success {
  do {
    return try await body()
  } catch {
    throw RegistryError(error)
  }
}
