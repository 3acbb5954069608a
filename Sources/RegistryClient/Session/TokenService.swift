internal import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1
internal import OCI

/// Asks token services for tokens (Distribution's token specification, and its OAuth 2.0 variant).
///
/// The realm is named by a registry that nothing is known of, and it gets the credentials that are kept for that
/// registry. As every client does, it is believed: over HTTPS any host may be named. Over plain HTTP only this machine
/// may be, and a registry that is itself spoken to over plain HTTP may name its own host. The certificate of another
/// host than the registry's is always verified.
struct TokenService: Sendable {
  /// The longest answer that is read, in bytes.
  private static let longestAnswer = 1 << 20

  let connections: HTTPConnections
  let userAgent: String
  let time: TimeSource

  /// Whom to ask, checked against the rule.
  struct Realm: Hashable, Sendable {
    let address: WebAddress
    let service: String?
    let tls: TLSSettings

    /// - Throws: `RegistryClientError` where there is no realm, or it may not be shown credentials.
    init(_ challenge: Challenge, of endpoint: RegistryEndpoint) throws {
      let registry = try endpoint.address("/")
      guard let text = challenge.parameters["realm"], let address = WebAddress(text, relativeTo: registry) else {
        throw RegistryClientError(
          .invalidAnswer, "\(endpoint.host) names no token service that can be asked", host: endpoint.host, status: 401)
      }
      let isOwn = address.origin.host == registry.origin.host
      guard address.origin.isSecure || address.isLoopback || isOwn && !registry.origin.isSecure else {
        throw RegistryClientError(
          .unauthorized,
          "\(endpoint.host) names a token service over plain HTTP, \(address.origin), which is shown "
            + "nothing; it has to be https", host: endpoint.host, status: 401)
      }
      self.address = address
      service = challenge.parameters["service"]
      tls = isOwn ? endpoint.tls : TLSSettings(authorities: endpoint.tls.authorities)
    }
  }

  /// Asks for a token, once: the request that needs it is made again where what went wrong may pass.
  ///
  /// - Throws: `RegistryClientError`, which says whose credentials were refused.
  func token(
    _ realm: Realm, scopes: [TokenScope], credential: RegistryCredential?
  ) async throws -> AccessToken {
    let host = realm.address.origin.description
    let sent = time.now()
    let answer: Answer
    do {
      let request = try request(realm, scopes: scopes, credential: credential)
      let response = try await connections.execute(request, tls: realm.tls, at: realm.address.origin)
      answer = Answer(
        status: Int(response.status.code), headers: response.headers, body: response.body, address: realm.address,
        endpoint: RegistryEndpoint(scheme: realm.address.origin.isSecure ? .https : .http, host: host))
    } catch {
      throw RegistryClientError(transport: error, host: host) ?? error
    }
    guard answer.status == 200 else { throw await refusal(answer, credential: credential, scopes: scopes) }
    do {
      return try AccessToken(
        parsing: try await answer.bytes(upTo: Self.longestAnswer), sent: sent,
        date: answer.headers.first(name: "Date").flatMap { Timestamp(httpDate: $0) })
    } catch let error as InvalidTokenAnswer {
      throw answer.invalid("\(error)")
    } catch {
      throw RegistryClientError(transport: error, host: host) ?? error
    }
  }

  private func request(
    _ realm: Realm, scopes: [TokenScope], credential: RegistryCredential?
  ) throws -> HTTPClientRequest {
    var parameters: [(String, String)] = []
    if let service = realm.service { parameters.append(("service", service)) }
    var request: HTTPClientRequest
    if case .identityToken(let token)? = credential {
      parameters += [("grant_type", "refresh_token"), ("client_id", "berth"), ("refresh_token", token)]
      // OAuth 2.0 has one parameter for all scopes (RFC 6749, section 3.3).
      if !scopes.isEmpty { parameters.append(("scope", scopes.map(\.description).joined(separator: " "))) }
      request = HTTPClientRequest(url: realm.address.text)
      request.method = .POST
      request.headers.add(name: "Content-Type", value: "application/x-www-form-urlencoded")
      let form = parameters.map { "\($0.0)=\(PercentEncoding.encode($0.1))" }.joined(separator: "&")
      request.body = .bytes(ByteBuffer(string: form))
    } else {
      parameters += scopes.map { ("scope", $0.description) }
      if case .password(let user, _)? = credential { parameters.append(("account", user)) }
      var address = realm.address
      for (name, value) in parameters {
        guard let longer = address.adding(name, value) else {
          throw RegistryClientError(
            .invalidAnswer, "\(realm.address.origin) cannot be asked for a token: the request is too long",
            host: realm.address.origin.description)
        }
        address = longer
      }
      request = HTTPClientRequest(url: address.text)
      if let basic = credential?.basic { request.headers.add(name: "Authorization", value: basic) }
    }
    request.headers.add(name: "User-Agent", value: userAgent)
    request.headers.add(name: "Accept", value: "application/json")
    return request
  }

  private func refusal(
    _ answer: Answer, credential: RegistryCredential?, scopes: [TokenScope]
  ) async -> RegistryClientError {
    let wanted = scopes.isEmpty ? "" : " for \(scopes.map(\.description).joined(separator: " "))"
    switch answer.status {
    case 400, 401, 403:
      let shown = credential.map { "\($0) that is kept for the registry" } ?? "a request without credentials"
      let failure = await answer.failure(doing: "give a token\(wanted) for \(shown)", now: time.now())
      return RegistryClientError(
        .unauthorized, failure.message + "; log in with credentials that allow it", host: failure.host,
        status: answer.status)
    default: return await answer.failure(doing: "give a token\(wanted)", now: time.now())
    }
  }
}
