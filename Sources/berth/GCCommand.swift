import ArgumentParser
import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1

/// `berth gc`: a collection now, on a running server.
struct GCCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gc",
    abstract: "Have a running server collect what nobody needs any more.",
    discussion: """
      The server does so by itself all the time; this asks it to do it now and waits. Pushes and pulls go on meanwhile.
      """)

  @Option(help: "The server (BERTH_SERVER).")
  var server: String = ProcessInfo.processInfo.environment["BERTH_SERVER"] ?? "http://127.0.0.1:5000"

  @Flag(help: "Only say what would go, and how many bytes.")
  var dryRun = false

  @Option(help: "How long something must have been unused, such as 30m; the server's gc-grace where it is not given.")
  var grace: String?

  func run() async throws {
    var request = HTTPClientRequest(url: try url())
    request.method = .POST
    let response: HTTPClientResponse
    do {
      response = try await HTTPClient.shared.execute(request, timeout: .hours(24))
    } catch {
      throw CommandFailure("no server answers at \(server): \(error); is it running, and is --server right?")
    }
    guard response.status == .ok else {
      throw CommandFailure("the server refused: \(String(buffer: try await response.body.collect(upTo: 1 << 20)))")
    }
    if dryRun {
      try await printForecast(response)
    } else {
      try await follow(response)
    }
  }

  private func url() throws -> String {
    guard var components = URLComponents(string: server), components.host != nil, components.scheme != nil else {
      throw ValidationError("--server takes a URL such as http://127.0.0.1:5000, not \(server)")
    }
    components.path = "/api/v1/collections"
    components.queryItems = [URLQueryItem(name: "dry-run", value: dryRun ? "true" : "false")]
    if let grace { components.queryItems?.append(URLQueryItem(name: "grace", value: grace)) }
    return components.string!
  }

  private struct Step: Decodable {
    let uploads, manifests, links, blobs: Int
    let bytes: Int64
    let done: Bool?
  }

  private func follow(_ response: HTTPClientResponse) async throws {
    let line = ProgressLine()
    var pending = Data()
    for try await buffer in response.body {
      pending.append(contentsOf: buffer.readableBytesView)
      while let end = pending.firstIndex(of: UInt8(ascii: "\n")) {
        let text = pending[..<end]
        pending = Data(pending[(end + 1)...])
        guard let step = try? JSONDecoder().decode(Step.self, from: text) else {
          line.clear()
          throw CommandFailure("the collection ended early: \(String(decoding: text, as: UTF8.self))")
        }
        let taken =
          "\(step.uploads) uploads, \(step.manifests) manifests, \(step.blobs) blobs, \(ByteText.short(step.bytes))"
        if step.done == true {
          line.clear()
          print("collected \(taken)")
          return
        }
        line.show(taken)
      }
    }
    line.clear()
    throw CommandFailure("the server closed the connection before the collection ended; it goes on by itself")
  }

  private struct Forecast: Decodable {
    struct Manifest: Decodable {
      let repository, digest: String
    }
    struct Blob: Decodable {
      let digest: String
      let size: Int64
    }
    let manifests: [Manifest]
    let blobs: [Blob]
    let bytes: Int64
  }

  private func printForecast(_ response: HTTPClientResponse) async throws {
    var body = Data()
    for try await buffer in response.body { body.append(contentsOf: buffer.readableBytesView) }
    let forecast = try JSONDecoder().decode(Forecast.self, from: body)
    for manifest in forecast.manifests { print("manifest \(manifest.repository)@\(manifest.digest)") }
    for blob in forecast.blobs { print("blob \(blob.digest) \(blob.size)") }
    print(
      "would collect \(forecast.manifests.count) manifests and \(forecast.blobs.count) blobs, "
        + ByteText.short(forecast.bytes))
  }
}
