import ArgumentParser
import AsyncHTTPClient
import Foundation
import NIOCore

/// `berth gc`: a collection now, on a running server.
struct GCCommand: ManagementCommand {
  static let configuration = CommandConfiguration(
    commandName: "gc",
    abstract: "Have a running server collect what nobody needs any more.",
    discussion: """
      The server does so by itself all the time; this asks it to do it now and waits. Pushes and pulls go on meanwhile.
      """)

  @Flag(help: "Only say what would go, and how many bytes.")
  var dryRun = false

  @Option(help: "How long something must have been unused, such as 30m; the server's gc-grace where it is not given.")
  var grace: String?

  @OptionGroup var connection: ConnectionOptions

  func run(_ client: ManagementClient) async throws {
    let request = ManagementRequest.post(
      "collections", query: [("dry-run", dryRun ? "true" : "false"), ("grace", grace)])
    if dryRun {
      printForecast(try client.read(try await client.send(request, timeout: Self.patience)))
    } else {
      try await follow(try await client.open(request, timeout: Self.patience))
    }
  }

  /// A collection takes as long as it takes.
  private static let patience = TimeAmount.hours(24)

  private struct Step: Decodable {
    let uploads, manifests, links, blobs: Int
    let bytes: Int64
    let done: Bool?
  }

  private func follow(_ response: HTTPClientResponse) async throws {
    let line = ProgressLine()
    let endedEarly = try await response.readLines { text in
      guard let step = try? JSONDecoder().decode(Step.self, from: text) else {
        line.clear()
        throw CommandFailure("the collection ended early: \(PlainText.line(String(decoding: text, as: UTF8.self)))")
      }
      let taken =
        "\(step.uploads) uploads, \(step.manifests) manifests, \(step.blobs) blobs, \(ByteText.short(step.bytes))"
      guard step.done == true else {
        line.show(taken)
        return true
      }
      line.clear()
      print("collected \(taken)")
      return false
    }
    guard endedEarly else { return }
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

  private func printForecast(_ forecast: Forecast) {
    for manifest in forecast.manifests { print(PlainText.line("manifest \(manifest.repository)@\(manifest.digest)")) }
    for blob in forecast.blobs { print(PlainText.line("blob \(blob.digest) \(blob.size)")) }
    print(
      "would collect \(forecast.manifests.count) manifests and \(forecast.blobs.count) blobs, "
        + ByteText.short(forecast.bytes))
  }
}
