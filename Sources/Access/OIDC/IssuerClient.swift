internal import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL
internal import OCI

/// Fetches issuers' keys.
struct IssuerClient: Sendable {
  /// How long one document may take, from the connection to the last byte.
  private static let timeout = TimeAmount.seconds(10)
  /// The longest document that is read, in bytes.
  private static let maximumLength = 1 << 20

  private let client: HTTPClient

  init() {
    var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow, decompression: .disabled)
    configuration.httpVersion = .http1Only
    // Those who log in wait: an issuer that refuses connections is known to be down at once.
    configuration.connectionPool.retryConnectionEstablishment = false
    client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
  }

  /// Ends its connections; nothing can be fetched any more.
  func shutdown() async throws {
    try await client.shutdown()
  }

  /// Fetches the keys, and before that the issuer's configuration where it is to say where they are.
  func keys(of source: KeySource) async throws(FetchFailure) -> KeySet {
    let tls = try await Self.tls(trusting: source.trustRoots)
    let url: IssuerURL
    if let keySet = source.keySet {
      url = keySet
    } else {
      url = try await keySetURL(of: source.issuer, tls: tls)
    }
    let document = try await get(url.text, tls: tls)
    do {
      return try await KeySet(parsing: document)
    } catch {
      throw FetchFailure("\(url): \(error)")
    }
  }

  /// Asks the issuer's configuration (OpenID Connect Discovery, section 4.2), which must be its own (section 4.3).
  private func keySetURL(of issuer: IssuerURL, tls: TLSConfiguration?) async throws(FetchFailure) -> IssuerURL {
    let document = try await get(issuer.configuration, tls: tls)
    let json: JSONValue
    do {
      json = try JSONValue(parsing: document)
    } catch {
      throw FetchFailure("\(issuer.configuration): it is not JSON that can be trusted: \(error)")
    }
    guard case .string(let name)? = json["issuer"], name.utf8.elementsEqual(issuer.text.utf8) else {
      throw FetchFailure("\(issuer.configuration): its 'issuer' is not \(issuer)")
    }
    guard case .string(let text)? = json["jwks_uri"] else {
      throw FetchFailure("\(issuer.configuration): it has no 'jwks_uri'")
    }
    let url: IssuerURL
    do {
      url = try IssuerURL(parsing: text)
    } catch {
      throw FetchFailure("\(issuer.configuration): its 'jwks_uri' \(error)")
    }
    guard !url.isPlain || issuer.isPlain else {
      throw FetchFailure("\(issuer.configuration): its 'jwks_uri' is not https")
    }
    return url
  }

  private func get(_ url: String, tls: TLSConfiguration?) async throws(FetchFailure) -> [UInt8] {
    let response: HTTPClient.Response
    do {
      let request = try HTTPClient.Request(
        url: url, method: .GET, headers: ["Accept": "application/json", "User-Agent": "berth"], body: nil,
        tlsConfiguration: tls)
      // The deadline of a delegate holds until the last byte, that of an async request only until the head is there.
      let accumulator = ResponseAccumulator(request: request, maxBodySize: Self.maximumLength)
      let task = client.execute(request: request, delegate: accumulator, deadline: .now() + Self.timeout)
      response = try await task.get()
    } catch is ResponseAccumulator.ResponseTooBigError {
      throw FetchFailure("\(url): the document is longer than \(Self.maximumLength) bytes")
    } catch {
      throw FetchFailure("\(url): \(error)")
    }
    guard response.status == .ok, let body = response.body else {
      throw FetchFailure("\(url): the answer is \(response.status.code), and 200 with a document was asked for")
    }
    return Array(body.readableBytesView)
  }

  /// How to speak TLS with an issuer that has roots of its own; read each time, so that a new file is followed.
  private static func tls(trusting roots: String?) async throws(FetchFailure) -> TLSConfiguration? {
    guard let roots else { return nil }
    do {
      let certificates = try await NIOThreadPool.singleton.runIfActive { try NIOSSLCertificate.fromPEMFile(roots) }
      var configuration = TLSConfiguration.makeClientConfiguration()
      configuration.trustRoots = .certificates(certificates)
      return configuration
    } catch {
      throw FetchFailure("the trust roots in \(roots) cannot be read: \(error)")
    }
  }
}

/// Why an issuer's keys could not be fetched.
struct FetchFailure: Error, CustomStringConvertible {
  let description: String

  init(_ reason: String) {
    description = reason
  }
}
