import Access
import AsyncHTTPClient
import Catalog
import NIOCore
import NIOHTTP1
import Webhooks

/// Sends messages to webhooks' targets over HTTP.
///
/// Each has connections of its own, to the address that was looked at for it: a connection that is kept would outlive
/// what its name stands for. Redirects are not followed, and proxies of the environment are not used, because what they
/// lead to cannot be looked at.
struct WebhookClient: WebhookTransport {
  let addresses: TargetAddresses
  /// For how long an attempt may last, from the look at the name to the end of the answer.
  var patience = Duration.seconds(10)

  /// How many bytes of an answer the log keeps.
  private static let beginning = 1 << 10

  func send(_ message: WebhookMessage, to url: WebhookURL) async throws(WebhookFailure) -> WebhookAnswer {
    do {
      return try await withThrowingTaskGroup(of: WebhookAnswer.self) { group in
        group.addTask { try await exchange(message, url) }
        group.addTask {
          try await Task.sleep(for: patience)
          throw WebhookFailure("\(url) did not answer within \(patience.components.seconds) seconds")
        }
        defer { group.cancelAll() }
        guard let answer = try await group.next() else { throw CancellationError() }
        return answer
      }
    } catch let failure as WebhookFailure {
      throw failure
    } catch {
      throw WebhookFailure("\(url) was not reached: \(error)")
    }
  }

  private func exchange(_ message: WebhookMessage, _ url: WebhookURL) async throws -> WebhookAnswer {
    let address = try await addresses.address(for: url)
    var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow, decompression: .disabled)
    configuration.httpVersion = .http1Only
    configuration.connectionPool.retryConnectionEstablishment = false
    if address.description != url.host { configuration.dnsOverride = [url.host: address.description] }
    // Should the client ever read another host from the URL than was looked at, nothing is sent there.
    configuration.http1_1ConnectionDebugInitializer = { channel in
      let reached = channel.remoteAddress?.ipAddress.flatMap { ClientAddress(parsing: $0) }
      guard reached == address else {
        return channel.eventLoop.makeFailedFuture(WebhookFailure("\(url) led to another address than \(address)"))
      }
      return channel.eventLoop.makeSucceededVoidFuture()
    }
    let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    let answer: Result<WebhookAnswer, any Error>
    do {
      answer = .success(try await Self.exchange(message, url, client))
    } catch {
      answer = .failure(error)
    }
    try await client.shutdown()
    return try answer.get()
  }

  private static func exchange(
    _ message: WebhookMessage, _ url: WebhookURL, _ client: HTTPClient
  ) async throws -> WebhookAnswer {
    var request = HTTPClientRequest(url: url.text)
    request.method = .POST
    for (name, value) in message.headers { request.headers.add(name: name, value: value) }
    request.body = .bytes(ByteBuffer(bytes: message.body))
    let response = try await client.execute(request, deadline: .distantFuture)
    var bytes: [UInt8] = []
    for try await piece in response.body where bytes.count < beginning {
      bytes += piece.readableBytesView.prefix(beginning - bytes.count)
      if bytes.count == beginning { break }
    }
    return WebhookAnswer(status: Int(response.status.code), beginning: String(decoding: bytes, as: UTF8.self))
  }
}
