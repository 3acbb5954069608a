internal import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1
internal import OCI

/// The head of an answer, and its body to be read.
struct Answer: Sendable {
  let status: Int
  let headers: HTTPHeaders
  let body: HTTPClientResponse.Body
  /// Who answered, at the end of all redirects.
  let address: WebAddress
  /// The endpoint that was asked.
  let endpoint: RegistryEndpoint

  /// Reads the whole body.
  ///
  /// - Throws: `NIOTooManyBytesError` where it is longer than `limit`, in bytes.
  func bytes(upTo limit: Int) async throws -> [UInt8] {
    Array(buffer: try await body.collect(upTo: limit))
  }

  /// Reads a body that nobody wants, so that its connection can be used again; of a longer one the connection is closed
  /// instead, as it is where reading fails.
  func discard() async {
    var rest = 256 << 10
    do {
      for try await buffer in body {
        rest -= buffer.readableBytes
        if rest < 0 { return }
      }
    } catch {
      return
    }
  }

  /// Where an answer points to by `Location`.
  ///
  /// - Throws: `RegistryClientError` where it is missing, is no address, or leads from HTTPS to HTTP.
  func location() throws -> WebAddress {
    guard let text = headers.first(name: "Location"), let location = WebAddress(text, relativeTo: address) else {
      throw invalid("its Location is missing or no address")
    }
    guard location.origin.isSecure || !address.origin.isSecure else {
      throw invalid("its Location leads from HTTPS to HTTP, which is not followed")
    }
    return location
  }

  /// The error for an answer that is not what the specification has for it.
  func invalid(_ reason: String) -> RegistryClientError {
    RegistryClientError(
      .invalidAnswer, "\(address.origin) answered what cannot be used: \(reason)", host: address.origin.description,
      status: status)
  }

  /// The error that a status stands for, with what the registry says of it.
  ///
  /// - Parameter doing: what was asked for, such as `pull team/app:v1`.
  func failure(doing: String, now: Timestamp) async -> RegistryClientError {
    let told = await reason()
    let code: RegistryClientError.Code =
      switch status {
      case 400..<500 where told.code == "DIGEST_INVALID" || told.code == "SIZE_INVALID": .digestMismatch
      case 401: .unauthorized
      case 403: .denied
      case 404: .notFound
      case 405, 501: .unsupported
      case 429: .tooManyRequests
      case 408, 500, 502, 503, 504: .unavailable
      case 400..<500: .refused
      case 500...: .unavailable
      default: .invalidAnswer
      }
    let retryAfter = headers.first(name: "Retry-After").flatMap { Duration(retryAfter: $0, now: now) }
    return RegistryClientError(
      code, "\(address.origin) did not \(doing): \(status)\(told.text.map { " \($0)" } ?? "")",
      host: address.origin.description, status: status, retryAfter: retryAfter)
  }

  /// The longest code that is repeated, in characters.
  private static let longestCode = 128
  /// The longest message that is repeated, in characters: longer than any of Berth's own, which may name fifty patterns.
  private static let longestMessage = 8192

  /// What the body of an error says (OCI distribution spec, "Error Codes"), printable and cut.
  private func reason() async -> (code: String?, text: String?) {
    let json: JSONValue
    do {
      json = try JSONValue(parsing: try await bytes(upTo: 64 << 10))
    } catch {
      // Many proxies answer with HTML, which says no more than the status.
      return (nil, HTTPResponseStatus(statusCode: status).reasonPhrase)
    }
    guard case .array(let errors)? = json["errors"], let first = errors.first else { return (nil, nil) }
    let parts = [("code", Self.longestCode), ("message", Self.longestMessage)].compactMap { name, limit -> String? in
      guard case .string(let text)? = first[name], !text.isEmpty else { return nil }
      return printable(text, upTo: limit)
    }
    guard case .string(let code)? = first["code"] else { return (nil, parts.first) }
    return (code, parts.joined(separator: ": "))
  }
}
